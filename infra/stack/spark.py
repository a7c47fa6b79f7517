"""Spark: one Connect server, the only driver that writes the lake."""

import sys
from importlib.util import find_spec
from pathlib import Path

from infra.stack.java import jars, java_home
from infra.stack.ports import answers
from infra.stack.process import Process
from jobs.settings import ROOT, Settings

HOME = Path(str(find_spec("pyspark").origin)).parent  # type: ignore[union-attr]  # found, not imported: that takes a second
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
# Each session's generated classes are new to the JVM: compiled as eagerly as by default, they cost half of its CPU.
JIT = (
    "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000 -XX:Tier4CompileThreshold=150000 "
    "-XX:Tier4BackEdgeThreshold=400000 "  # ten times the defaults
    "-XX:+UseParallelGC"  # a pause now and then costs nobody anything; G1 works beside the job all the time
)
UNIQUE = ("payload", "raw_id")  # of bronze: a dictionary of them saves nothing
# Hadoop without its native library starts a process for each file it makes (chmod) or looks at (readlink): 110 a batch.
LOCAL_FILES = {
    "spark.hadoop.fs.file.impl": "com.globalmentor.apache.hadoop.fs.BareLocalFileSystem",
    "spark.delta.logStore.file.impl": "io.delta.storage.LocalLogStore",
    "spark.sql.streaming.checkpointFileManagerClass": "org.apache.spark.sql.execution.streaming.checkpointing."
    "FileSystemBasedCheckpointFileManager",
}
LOGGING = Path(__file__).with_name("log4j2.properties")


def processes(settings: Settings) -> list[Process]:
    """The Connect server; none when NINELINES_SPARK_REMOTE names another one."""
    if settings.spark_remote:
        return []
    folder = _folder(settings)
    connect = Process(
        name="spark",
        argv=[
            f"{HOME}/bin/spark-submit",
            "--properties-file",
            str(folder / "spark.conf"),
            "--class",
            SERVER,
            "spark-internal",
        ],
        state_dir=settings.state_dir,
        cwd=folder,
        env={
            "JAVA_HOME": str(java_home()),
            "SPARK_HOME": str(HOME),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder / "scratch"),
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),  # Python workers import jobs and schemas
            **_s3_keys(settings),
        },
        ports=(settings.port("spark"),),
        is_ready=lambda: answers(settings.port("spark")),
    )
    return [connect]


def prepare(settings: Settings) -> None:
    """Write the configuration; everything Spark leaves behind stays in `state_dir/spark`."""
    folder = _folder(settings)
    (folder / "scratch").mkdir(parents=True, exist_ok=True)
    lines = (f"{key} {value}\n" for key, value in configuration(settings).items())
    (folder / "spark.conf").write_text("".join(lines))


def configuration(settings: Settings) -> dict[str, str]:
    """What every job runs under; sized for two cores and a few gigabytes."""
    folder = _folder(settings)
    return {
        "spark.app.name": "ninelines",
        "spark.master": "local[*]",
        "spark.driver.memory": "3g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f'"-Dlog4j2.configurationFile={LOGGING}" "-Dderby.system.home={folder}/derby" '
        f"{JIT}",
        # On the class path, not as `spark.jars`: those each session would fetch and load anew.
        "spark.driver.extraClassPath": ":".join(str(jar) for jar in _jars(settings)),
        "spark.ui.enabled": "false",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(settings.port("spark")),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "30000",  # the rules take 50 ms for whatever they are given
        "spark.sql.maxConcurrentOutputFileWriters": "16",  # days are written side by side, not sorted first
        **{f"spark.hadoop.parquet.enable.dictionary#{column}": "false" for column in UNIQUE},
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "2",
        **LOCAL_FILES,
        # delta-rs readers and append-only tables gain nothing from them
        "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
        **_s3_properties(settings),
    }


def _jars(settings: Settings) -> list[Path]:
    """Those of a lake on S3 are fetched and loaded only for one."""
    folders = [jars("spark"), *([jars("s3")] if settings.is_lake_on_s3 else [])]
    return sorted(jar for folder in folders for jar in folder.glob("*.jar"))


def _s3_properties(settings: Settings) -> dict[str, str]:
    """How `s3a://` is reached; nothing for a lake in a folder. The keys are not among it: see _s3_keys."""
    if not settings.is_lake_on_s3:
        return {}
    options = {
        "endpoint": settings.s3.endpoint,
        "endpoint.region": settings.s3.region,
        "path.style.access": "true",
        "connection.ssl.enabled": str(settings.s3.is_secure).lower(),
        "aws.credentials.provider": "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider",
        "attempts.maximum": "5",  # a server that is down is told of in seconds, not in half an hour
        "retry.limit": "4",
    }
    # Spark would list a folder in ten thousand tasks: a VACUUM took two minutes.
    listing = {"spark.sql.sources.parallelPartitionDiscovery.parallelism": "4"}
    return {f"spark.hadoop.fs.s3a.{name}": value for name, value in options.items()} | listing


def _s3_keys(settings: Settings) -> dict[str, str]:
    """In the server's environment, where only its own account sees them: every client may read its configuration."""
    if not settings.is_lake_on_s3:
        return {}
    return {"AWS_ACCESS_KEY_ID": settings.s3.access_key, "AWS_SECRET_ACCESS_KEY": settings.s3.secret_key}


def _folder(settings: Settings) -> Path:
    return settings.state_dir / "spark"
