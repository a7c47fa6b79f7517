"""Kafka: one broker that is its own controller (KRaft), from jars that setup fetched."""

import base64
import uuid
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from infra.stack.java import jars, java_home
from infra.stack.process import Process, run_to_end
from jobs.catalog import ORDER_EVENTS_TOPIC
from jobs.io.kafka import create_topics
from jobs.settings import Settings
from schemas.feeds import contracts

HEAP = "-Xmx512m"


def processes(settings: Settings) -> list[Process]:
    """The broker; none when NINELINES_KAFKA_BOOTSTRAP names another one."""
    if settings.kafka_bootstrap:
        return []
    broker = Process(
        name="kafka",
        argv=[*_java(HEAP, "-XX:+UseSerialGC"), "kafka.Kafka", str(_config(settings))],
        state_dir=settings.state_dir,
        ports=(settings.port("kafka"), settings.port("kafka_controller")),
        is_ready=lambda: _topics(settings.kafka) is not None,
    )
    return [broker]


def prepare(settings: Settings) -> None:
    """Write the configuration, and format the data folder the first time."""
    folder = settings.state_dir / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    _config(settings).write_text(_properties(settings))
    if (folder / "data" / "bootstrap.checkpoint").exists():
        return
    cluster = "N" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]  # must not begin with a dash
    tool = [*_java(), "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster, "-c"]
    run_to_end(f"kafka: {folder / 'data'} could not be formatted", [*tool, str(_config(settings))], folder)


def finish(settings: Settings) -> None:
    """Make the topics of all feeds and of the outbox; the broker makes none by itself."""
    create_topics(settings.kafka, [*(feed.topic for feed in contracts()), ORDER_EVENTS_TOPIC])


def _topics(bootstrap: str) -> list[str] | None:
    """Names of the broker's topics; None while it does not answer."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000, bootstrap_timeout_ms=2000)
    except KafkaError:
        return None
    try:
        return list(admin.list_topics())
    except KafkaError:
        return None
    finally:
        admin.close()


def _java(*options: str) -> list[str]:
    logger = "-Dorg.slf4j.simpleLogger"
    quiet = [
        f"{logger}.defaultLogLevel=warn",
        f"{logger}.showDateTime=true",
        f"{logger}.dateTimeFormat=yyyy-MM-dd HH:mm:ss",
    ]
    return [str(java_home() / "bin" / "java"), *options, *quiet, "-cp", f"{jars('broker')}/*"]


def _config(settings: Settings) -> Path:
    return settings.state_dir / "kafka" / "server.properties"


def _properties(settings: Settings) -> str:
    broker, controller = (f"127.0.0.1:{settings.port(name)}" for name in ("kafka", "kafka_controller"))
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{broker}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={settings.state_dir / "kafka" / "data"}
num.partitions=2
message.max.bytes=8388608
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""
