"""A Kubernetes control plane, and what else of a cluster the tests need, in a namespace of its own.

Everything runs inside the network, mount and process namespaces that run.sh made: when the test
ends, however it ends, nothing of it is left.
"""
