"""Where things are: one frozen object, read once at each entry point."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]


def path_of(lake_uri: str, name: str) -> str:
    """`zone.table` is the folder `zone/table` of the lake."""
    return f"{lake_uri.rstrip('/')}/{name.replace('.', '/')}"


class LakeAddress(str):
    """The lake's folder or `s3a://bucket/path`, with what `deltalake` needs to open a table there.

    options: None for a folder, and for an address that was not taken from the settings.
    """

    options: dict[str, str] | None = None

    def table(self, name: str) -> dict[str, Any]:
        """How `deltalake` opens a table of it."""
        return {"table_uri": path_of(self, name).replace("s3a://", "s3://", 1), "storage_options": self.options}


@dataclass(frozen=True)
class S3:
    """An S3 server and the keys to it."""

    endpoint: str  # http(s)://host:port
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    @property
    def is_secure(self) -> bool:
        return self.endpoint.startswith("https://")

    @property
    def for_minio(self) -> dict[str, Any]:
        """Arguments of `minio.Minio`."""
        keys = {"access_key": self.access_key, "secret_key": self.secret_key, "region": self.region}
        return {"endpoint": urlsplit(self.endpoint).netloc, "secure": self.is_secure, **keys}

    @property
    def for_deltalake(self) -> dict[str, str]:
        """Storage options of `deltalake` and Polars; a table's first version is put only where none is."""
        return {
            "aws_endpoint_url": self.endpoint,
            "aws_region": self.region,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "aws_allow_http": str(not self.is_secure).lower(),
            "aws_virtual_hosted_style_request": "false",
            "aws_conditional_put": "etag",
        }


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
    caller_key: str = Field("", repr=False)  # secret for caller tokens (HMAC); default: made once, kept in state_dir
    s3_endpoint: str = ""  # http(s)://host:port, for attachments and a lake on S3; default: that of `ninelines up`
    s3_public_endpoint: str = ""  # how those reach it who are given links; default: as we do
    s3_region: str = "us-east-1"
    s3_access_key: str = "ninelines"
    s3_secret_key: str = Field("", repr=False)  # default: the file state_dir/s3_secret_key, made once
    requests_a_second: int = 100  # of one API key, in each API process; 0: no limit
    webhooks_over_http: bool = False  # allow webhooks without TLS, inside a network that one trusts
    attachments_bucket: str = "ninelines-attachments"

    @field_validator("state_dir", "rules_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.absolute()  # a relative one would be another folder for each server

    def port(self, server: str) -> int:
        """TCP port of one server of the local stack, on 127.0.0.1."""
        return self.port_base + PORT_OFFSETS[server]

    def as_environment(self) -> dict[str, str]:
        """As the variables from which a child process reads them; unset ones are left out."""
        values = {f"NINELINES_{name.upper()}": str(value) for name, value in self.model_dump().items() if value != ""}
        return values | {"NINELINES_STATE_DIR": str(self.state_dir.absolute())}

    @property
    def lake_uri(self) -> LakeAddress:
        found = LakeAddress(self.lake or str(self.state_dir / "lake"))
        found.options = self.s3.for_deltalake if self.is_lake_on_s3 else None
        return found

    @property
    def is_lake_on_s3(self) -> bool:
        return self.lake.startswith("s3a://")

    @property
    def s3(self) -> S3:
        """The S3 server. Raises PermissionError where others may read the file with the secret."""
        endpoint = self.s3_endpoint or f"http://127.0.0.1:{self.port('objects')}"
        secret = self.s3_secret_key or _private(self.state_dir / "s3_secret_key")
        return S3(endpoint.rstrip("/"), self.s3_region, self.s3_access_key, secret)

    @property
    def data_docs(self) -> Path:
        """The site of Great Expectations' Data Docs; `index.html` is the first page."""
        return self.state_dir / "quality" / "gx" / "uncommitted" / "data_docs" / "local_site"

    @property
    def checkpoints(self) -> str:
        """Where streaming queries keep their positions, beside the lake they write."""
        return f"{self.lake_uri.rstrip('/')}/_checkpoints"

    @property
    def kafka(self) -> str:
        return self.kafka_bootstrap or f"127.0.0.1:{self.port('kafka')}"

    @property
    def spark(self) -> str:
        return self.spark_remote or f"sc://127.0.0.1:{self.port('spark')}"

    @property
    def store_url(self) -> str:
        """SQLAlchemy address of the store (psycopg 3)."""
        return self.database_url or f"postgresql+psycopg://postgres@127.0.0.1:{self.port('postgres')}/ninelines"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port('api')}"

    @property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.port('airflow')}"


def _private(path: Path) -> str:
    """The text of a file that is its owner's alone; empty where there is none."""
    if not path.exists():
        return ""
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} holds a secret and others may read it: chmod 600 {path}")
    return path.read_text(encoding="utf-8").strip()


PORT_OFFSETS = {
    "spark": 2,
    "postgres": 32,
    "objects": 64,
    "api": 80,
    "airflow": 81,
    "kafka": 92,
    "kafka_controller": 93,
    "airflow_logs": 94,
}
