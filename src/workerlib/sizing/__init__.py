"""CPU, memory and disk: what the files say, and the `upsun resources:set` command that replaces it.

Upsun Fixed reads `size`, `disk` and `resources` from files; on Upsun Flex they are set with the command line tool. The vendor publishes the
sizes of both products, and no mapping between them. The one here is a proposal: the smallest size of Flex that has at least the CPU and the
memory of the old one.
"""

from __future__ import annotations

from workerlib.sizing.plan import InstanceResources, ResourcePlan, Stated, resources
from workerlib.sizing.removal import KEYS, without_resources

__all__ = ["KEYS", "InstanceResources", "ResourcePlan", "Stated", "resources", "without_resources"]
