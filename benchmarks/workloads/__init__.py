"""What is measured. WORKLOADS has every workload by its name."""

from benchmarks.workloads import changing, creating, reading, walking
from benchmarks.workloads.workload import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for module in (creating, reading, changing, walking)
    for workload in module.WORKLOADS
}
