"""Answers which of checkov's Kubernetes checks report which objects: for each file, one line of JSON with, of each document
in it, the ids of those checks. Standard input: paths of files, one a line. A test oracle and no part of the product."""

import json
import logging
import sys

logging.disable(logging.CRITICAL)

from checkov.kubernetes.runner import Runner  # noqa: E402
from checkov.runner_filter import RunnerFilter  # noqa: E402


def reports(path: str) -> list[list[str]]:
    with open(path, encoding="utf8") as file:
        separators = [number for number, line in enumerate(file, 1) if line.rstrip() == "---"]
    found: list[set[str]] = [set() for _ in range(len(separators) + 1)]
    report = Runner().run(root_folder=None, files=[path], runner_filter=RunnerFilter(framework=["kubernetes"]))
    if report.parsing_errors:
        raise ValueError(f"{path}: checkov cannot read it")
    for record in report.failed_checks:
        # The template of a workload is a resource of its own to checkov, in the lines of the workload.
        found[sum(line < record.file_line_range[1] for line in separators)].add(record.check_id)
    return [sorted(checks) for checks in found]


for path in sys.stdin.read().splitlines():
    print(json.dumps({"reports": reports(path)}))
