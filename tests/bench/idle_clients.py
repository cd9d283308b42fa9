#!/usr/bin/env python3
"""Connects clients that ask once and then only stay. Says so when all are there, and ends with a signal.
usage: idle_clients.py URL CONNECTIONS; the service must keep idle connections long enough"""

import signal
import socket
import sys
from urllib.parse import urlsplit

REQUEST = b"GET /health HTTP/1.1\r\nHost: bench\r\n\r\n"


def client(address):
    connection = socket.create_connection(address, timeout=10)
    connection.sendall(REQUEST)
    if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
        sys.exit("an idle client was not served")
    return connection


url = urlsplit(sys.argv[1])
clients = [client((url.hostname, url.port)) for _ in range(int(sys.argv[2]))]
print(f"{len(clients)} idle clients", flush=True)
signal.pause()
