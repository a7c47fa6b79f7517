"""Where things are: one frozen object, read once at each entry point."""

from functools import cached_property
from pathlib import Path

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Every value can be set as an environment variable `NINELINES_<NAME>`.

    Ports of the local stack are `port_base` plus a fixed offset, so two checkouts can run
    side by side by setting another base and another state folder.
    """

    model_config = SettingsConfigDict(env_prefix="NINELINES_", frozen=True)

    state_dir: Path = ROOT / ".ninelines"
    port_base: int = 19000
    rules_dir: Path = ROOT / "schemas" / "rules"  # areas, units, routing, deadlines of this county
    lake: str = ""  # local folder or s3a:// address; default: state_dir/lake
    kafka_bootstrap: str = ""
    spark_remote: str = ""
    database_url: str = ""  # default: the embedded server of `ninelines up`
    caller_key: str = ""  # secret for caller tokens (HMAC); default: made once, kept in state_dir

    @field_validator("state_dir", "rules_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.absolute()  # a relative one would be another folder for each server

    def port(self, server: str) -> int:
        """TCP port of one server of the local stack, on 127.0.0.1."""
        return self.port_base + PORT_OFFSETS[server]

    @cached_property
    def lake_uri(self) -> str:
        return self.lake or str(self.state_dir / "lake")

    @cached_property
    def checkpoints(self) -> str:
        """Where streaming queries keep their positions, beside the lake they write."""
        return f"{self.lake_uri.rstrip('/')}/_checkpoints"

    @cached_property
    def kafka(self) -> str:
        return self.kafka_bootstrap or f"127.0.0.1:{self.port('kafka')}"

    @cached_property
    def spark(self) -> str:
        return self.spark_remote or f"sc://127.0.0.1:{self.port('spark')}"

    @cached_property
    def store_url(self) -> str:
        """SQLAlchemy address of the store (psycopg 3)."""
        return self.database_url or f"postgresql+psycopg://postgres@127.0.0.1:{self.port('postgres')}/ninelines"

    @cached_property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port('api')}"

    @cached_property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.port('airflow')}"


PORT_OFFSETS = {
    "spark": 2,
    "postgres": 32,
    "api": 80,
    "airflow": 81,
    "kafka": 92,
    "kafka_controller": 93,
    "airflow_logs": 94,
}
