"""Runs python-driver.ts's commands with the client in the current folder: a line in, a line out, many at once."""

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.getcwd())
from fiskil_tokens import Clock, TokenProvider, TokenVendingError

BUDGET = 30


class DriversClock(Clock):
    def __init__(self):
        self.began = self.steady = 1000.0
        self.wall = time.time()

    def now(self):
        return self.wall

    def monotonic(self):
        return self.steady

    def wait(self, event, seconds):
        if seconds < BUDGET:
            self.move(seconds)
            return event.is_set()
        end = self.steady + seconds
        while not event.wait(0.002):
            if self.steady >= end:
                return False
        return True

    def move(self, seconds):
        self.steady += seconds
        self.wall += seconds


class Driver:
    def open(self, env):
        for name in [name for name in os.environ if name.startswith(("AWS_", "FISKIL_"))]:
            if name not in ("AWS_CONFIG_FILE", "AWS_EC2_METADATA_DISABLED"):
                del os.environ[name]
        os.environ.update(env)
        self.clock = DriversClock()
        self.tokens = TokenProvider(clock=self.clock)

    def call(self, call):
        with ThreadPoolExecutor(call.get("times", 1)) as pool:
            return list(pool.map(self.once, [call] * call.get("times", 1)))

    def once(self, call):
        try:
            if call["call"] == "get":
                return {"token": self.tokens.get_token(min_ttl=call.get("min_ttl", 0))}
            return {"token": self.tokens.reject(call["token"])}
        except TokenVendingError as error:
            names = ("code", "status", "retry_after", "retryable", "request_id")
            return {"error": {**{name: getattr(error, name) for name in names}, "message": f"{error} {error!r}"}}

    def move(self, seconds):
        self.clock.move(seconds)

    def wall(self, seconds):
        self.clock.wall += seconds

    def settle(self, _):
        for thread in threading.enumerate():
            if thread.name == "fiskil-tokens":
                thread.join()

    def waiting(self, _):
        return sum(flight.waiting for flight in list(self.tokens._flights.values()))

    def spent(self, _):
        return self.clock.steady - self.clock.began


driver = Driver()
lock = threading.Lock()


def answer(asked):
    value = getattr(driver, asked["what"])(asked.get("value"))
    with lock:
        print(json.dumps({"id": asked["id"], "value": value}), flush=True)


for line in sys.stdin:
    threading.Thread(target=answer, args=[json.loads(line)], daemon=True).start()
