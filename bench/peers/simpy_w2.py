# W2 in SimPy: a process per request, a Resource per endpoint. Prints one line of JSON.
import json
import random
import sys
import time

import simpy

N, ENDPOINTS = int(sys.argv[1]), 16
rng = random.Random(1)
env = simpy.Environment()
servers = [simpy.Resource(env, capacity=8) for _ in range(ENDPOINTS)]
active = [0] * ENDPOINTS
latencies = []


def request():
    start = env.now
    a, b = rng.randrange(ENDPOINTS), rng.randrange(ENDPOINTS)
    at = b if active[b] < active[a] else a
    active[at] += 1
    yield env.timeout(1.0)
    with servers[at].request() as slot:
        yield slot
        yield env.timeout(rng.expovariate(1 / 2.0))
    yield env.timeout(1.0)
    active[at] -= 1
    latencies.append(env.now - start)


def arrivals():
    for _ in range(N):
        yield env.timeout(rng.expovariate(1 / 0.02))
        env.process(request())


env.process(arrivals())
begin = time.process_time()
env.run()
cpu = time.process_time() - begin
print(json.dumps({"cpu": cpu, "requests": len(latencies), "mean_ms": sum(latencies) / len(latencies)}))
