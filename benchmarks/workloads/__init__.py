"""The workloads. WORKLOADS contains every workload by its name."""

from benchmarks.workloads import changing, creating, mixed, operating, reading, steady, walking
from benchmarks.workloads.workload import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for module in (creating, reading, changing, walking, mixed, operating, steady)
    for workload in module.WORKLOADS
}
