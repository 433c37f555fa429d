"""The codemods of Leaf & Kettle."""
