"""`make city`: the SQL of `hege city who-holds` on a Spark cluster, a master and two workers on the loopback, held against DuckDB.

    python -m bench.cluster [DIR]

DIR is what `hege export parquet` has written; without it a small street is booked and exported first. Wants Java 17 and pyspark.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

WORKERS = 2
START_SECONDS = 120
STREET = """
import django; django.setup()
from django.core.management import call_command
from bench.street import Size, build
call_command("migrate", verbosity=0)
build(Size(20, 10, 13), workers=0)
"""


def main() -> int:
    """Exit status 1 where the two engines differ, 2 where there is nothing to try it with."""
    pyspark = importlib.util.find_spec("pyspark")
    if shutil.which("java") is None or pyspark is None or not pyspark.submodule_search_locations:
        print(
            "make city wants Java 17 (Debian: openjdk-17-jre-headless) and pyspark, which make city installs into var/spark."
        )
        return 2
    home = Path(pyspark.submodule_search_locations[0])
    with tempfile.TemporaryDirectory(prefix="hege-spark-") as scratch, ExitStack() as running:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _small_street(Path(scratch))
        master = f"spark://127.0.0.1:{_free_port()}"
        running.enter_context(_started(home, Path(scratch), master, "master"))
        for number in range(WORKERS):
            running.enter_context(_started(home, Path(scratch), master, f"worker-{number}"))
        told = {}
        for engine, more in (("duckdb", []), ("spark", ["--master", master])):
            begun = time.perf_counter()
            words = ["city", "who-holds", str(folder), "--json", "--engine", engine, *more]
            told[engine] = _hege(*words, SPARK_LOCAL_IP="127.0.0.1").splitlines()
            print(f"{engine}: {len(told[engine]):,} meters in {time.perf_counter() - begun:.1f} s", flush=True)
    unlike = [pair for pair in zip(told["duckdb"], told["spark"], strict=True) if pair[0] != pair[1]]
    print(
        *([f"duckdb {one}\nspark  {other}" for one, other in unlike[:3]] or ["alike to the fen on every meter"]),
        sep="\n",
    )
    return 1 if unlike or not told["spark"] else 0


def _small_street(scratch: Path) -> Path:
    ours = {"HEGE_DATABASE_URL": f"sqlite:///{scratch}/street.sqlite3", "HEGE_DATA_DIR": str(scratch)}
    settings = {"DJANGO_SETTINGS_MODULE": "hege.settings"}
    subprocess.run([sys.executable, "-c", STREET], env={**os.environ, **ours, **settings}, check=True)
    _hege("export", "parquet", str(scratch / "files"), **ours)
    return scratch / "files"


def _hege(*words: str, **environment: str) -> str:
    command = [sys.executable, "-m", "hege.cli.main", *words]
    done = subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


@contextmanager
def _started(home: Path, scratch: Path, master: str, name: str) -> Iterator[None]:
    """The master or a worker of a standalone cluster, until the block ends; there once it says so."""
    own = ["--host", "127.0.0.1", "--webui-port", str(_free_port())]
    if name == "master":
        words = ["org.apache.spark.deploy.master.Master", *own, "--port", master.rpartition(":")[2]]
        ready = "I have been elected leader"
    else:
        work = ["--cores", "1", "--memory", "2g", "--work-dir", str(scratch / name)]
        words, ready = (
            ["org.apache.spark.deploy.worker.Worker", *own, *work, master],
            "Successfully registered with master",
        )
    environment: Mapping[str, str] = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    log = scratch / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [home / "bin" / "spark-class", *words], env=environment, stdout=out, stderr=out, cwd=scratch
        )
    try:
        for _second in range(START_SECONDS):
            if ready in log.read_text(errors="replace"):
                break
            if process.poll() is not None:
                break
            time.sleep(1)
        else:
            process.kill()
        if ready not in log.read_text(errors="replace"):
            raise RuntimeError(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")
        yield
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
