"""`python -m api.outbox`: the relay alone, for those who run the API in many processes."""

import signal

from api.outbox.relay import Relay
from api.store import open_store
from jobs.settings import Settings


def main() -> None:
    """Relay until SIGTERM or SIGINT."""
    settings = Settings()
    relay = Relay(settings, open_store(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: relay.stop())
    relay.run()


if __name__ == "__main__":
    main()
