"""Changes of a project that is there, by key path: each proved and written as a migration is, with all other text as it was.

A path is that of the current layout (``applications.shop.workers.queue.commands.start``) whichever layout the files are in. What is asked
for is done where it stands: in an included file, in the file of an application. The proof: the old model with exactly that change is the
new model.
"""

from __future__ import annotations

from workerlib.amending.amendment import Amendment, edit
from workerlib.amending.values import Value

__all__ = ["Amendment", "Value", "edit"]
