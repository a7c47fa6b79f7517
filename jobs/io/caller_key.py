"""The secret behind caller tokens, made once for a lake: another key would make strangers of old callers."""

import os
import secrets

from jobs.settings import Settings


def caller_key(settings: Settings) -> bytes:
    """NINELINES_CALLER_KEY, else the one kept in the state folder, readable by its owner only."""
    if settings.caller_key:
        return settings.caller_key.encode()
    path = settings.state_dir / "caller_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # whole or not at all, and the first one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().encode()
