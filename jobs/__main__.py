"""`python -m jobs JOB [--start … --end …]`: one job in this process. See `jobs.run`."""

from jobs.run import main

if __name__ == "__main__":
    raise SystemExit(main())
