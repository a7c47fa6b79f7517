"""Ports on 127.0.0.1: free or taken, and what to do when taken."""

import socket
from collections.abc import Sequence
from pathlib import Path

import psutil

from jobs.settings import Settings


class StackError(Exception):
    """The local stack cannot start or stop; the text says what, where and what to do."""


def answers(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def require_free(name: str, ports: Sequence[int], settings: Settings) -> None:
    """Raise StackError for the first port that another program holds."""
    for port in ports:
        if not is_free(port):
            raise StackError(
                f"{name}: port {port} on 127.0.0.1 is taken{_holder(port)}. End that program, or choose other "
                f"ports for the whole stack: NINELINES_PORT_BASE={settings.port_base + 1000} "
                f"(now {settings.port_base})."
            )


def is_free(port: int) -> bool:
    """Whether a server of ours could listen there now."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as our servers do: closed links do not count
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    """Who listens there, as far as we may see: ` by java (pid 4711, in /srv/other)`."""
    try:
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr.port == port and link.pid:
                program = psutil.Process(link.pid)
                return f" by {program.name()} (pid {link.pid}, in {Path(program.cwd())})"
    except psutil.Error:
        pass
    return ""
