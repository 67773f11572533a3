# The nearest that AsyncFlow expresses: least connections over 16 servers, constant service time, exponential network. Not W2.
import json
import sys
import time

from asyncflow import AsyncFlow, SimulationRunner
from asyncflow.components import Client, Edge, Endpoint, LoadBalancer, Server
from asyncflow.settings import SimulationSettings
from asyncflow.workload import RqsGenerator
import simpy

N, SERVERS = int(sys.argv[1]), 16
SECONDS = 10
ids = [f"s{i}" for i in range(SERVERS)]
flow = (
    AsyncFlow()
    .add_generator(
        RqsGenerator(
            id="gen",
            avg_active_users={"mean": N / SECONDS},
            avg_request_per_minute_per_user={"mean": 60},
            user_sampling_window=5,
        )
    )
    .add_client(Client(id="client"))
    .add_servers(
        *[
            Server(
                id=name,
                server_resources={"cpu_cores": 8, "ram_mb": 2048},
                endpoints=[
                    Endpoint(
                        endpoint_name="/",
                        steps=[{"kind": "initial_parsing", "step_operation": {"cpu_time": 0.002}}],
                    )
                ],
            )
            for name in ids
        ]
    )
    .add_load_balancer(LoadBalancer(id="lb", algorithms="least_connection", server_covered=set(ids)))
    .add_edges(
        *[
            Edge(id=f"{a}-{b}", source=a, target=b, latency={"mean": 0.0005, "distribution": "exponential"})
            for a, b in [("gen", "client"), ("client", "lb")]
            + [("lb", name) for name in ids]
            + [(name, "client") for name in ids]
        ]
    )
    .add_simulation_settings(SimulationSettings(total_simulation_time=SECONDS, sample_period_s=0.05))
)
runner = SimulationRunner(env=simpy.Environment(), simulation_input=flow.build_payload())
begin = time.process_time()
results = runner.run()
cpu = time.process_time() - begin
stats = {getattr(key, "value", key): value for key, value in results.get_latency_stats().items()}
print(json.dumps({"cpu": cpu, "requests": int(stats["total_requests"]), "mean_ms": stats["mean"] * 1e3}))
