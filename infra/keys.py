"""API keys of the demo: the same at each run, one a role and one a unit, made from this machine's own secret."""

from collections.abc import Iterable

from sqlalchemy import create_engine

from api.keys.making import demo_key, register
from infra.stack.environment import secret
from jobs.settings import Settings

PLAIN_ROLES = ("engineer", "dispatcher", "analyst", "leader", "auditor")


def demo_keys(settings: Settings, units: Iterable[str]) -> dict[str, str]:
    """Role or unit code -> its key, registered with the API."""
    seed = secret(settings.state_dir / "demo_keys")
    wanted = [(role, None) for role in PLAIN_ROLES] + [("department", unit) for unit in sorted(set(units))]
    keys = {unit or role: demo_key(seed, role, unit) for role, unit in wanted}
    engine = create_engine(settings.store_url)
    try:
        with engine.begin() as store:
            for role, unit in wanted:
                register(store, keys[unit or role], role, unit)
    finally:
        engine.dispose()
    return keys
