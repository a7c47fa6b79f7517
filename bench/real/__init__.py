"""Real data through the whole pipeline: `python -m bench.real DATA_DIR`. The data stay outside the repo."""
