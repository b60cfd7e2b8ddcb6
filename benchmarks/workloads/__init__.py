"""What is measured. WORKLOADS has every workload by its name."""

from benchmarks.workloads import reading, writing
from benchmarks.workloads.workload import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload for workload in (*writing.WORKLOADS, *reading.WORKLOADS)
}
