"""A warm process of the tests: what a job says is done in a fork, without any framework."""

from __future__ import annotations

import json
import os
import sys
import time

from k2to3.isolation.nursery import serve

KEPT = {"jobs": 0}


def work(files):
    job = json.load(sys.stdin)
    KEPT["jobs"] += 1
    if job.get("started"):
        with open(job["started"], "w") as file:
            file.write(f"{os.getpid()} {os.getppid()}")
    if job.get("kill"):
        os.kill(os.getpid(), job["kill"])
    if job.get("kill_parent"):
        os.kill(os.getppid(), job["kill_parent"])
    if job.get("raise"):
        raise ValueError("no such luck")
    time.sleep(job.get("sleep", 0))
    content = [os.pread(files[number], 100, 0).decode() for number in job.get("files", ())]
    here = os.getcwd()
    found = {"jobs": KEPT["jobs"], "pid": os.getpid(), "parent": os.getppid(), "here": here, "content": content}
    print(json.dumps({**found, "home": os.environ["HOME"], "listed": os.listdir(here)}))


if __name__ == "__main__":
    serve(work)
