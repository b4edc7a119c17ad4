"""HTTP server on waitress with deadlines for requests that arrive slowly.

Waitress reads in one event loop: a request takes a thread only once it is complete, so
connections that are held half-open cost no thread. Waitress itself closes a connection
only after minutes without a byte, and stops accepting at its connection limit.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from formsvc.i18n.messages import Lookup
from formsvc.limits import Limits
from formsvc.server.refusals import message_for, raw_response, response_body

MEGABYTE = 2**20
# read and thrown away after a refusal: a connection closed with unread data is reset, and the
# browser then shows an error of its own
LINGER_SECONDS = 10.0
# responses go to a temporary file beyond 1 MB; above this a thread waits for the reader
OUTPUT_LIMIT = 512 * MEGABYTE
# no file descriptor above 511 can be watched where there is no poll()
MAX_SELECTED = 400
# a reverse proxy on this machine, and people on it, who could do worse
EXEMPT = ("127.0.0.1", "::1")
# answered by threads of their own: a monitor is answered however busy the others are
PROBES = ("/livez", "/healthz", "/metrics")
PROBE_THREADS = 2
USE_POLL = hasattr(select, "poll")


class TimedParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A request being received, with the moments its parts began."""

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.began = time.monotonic()
        self.body_began = 0.0

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.headers_finished and not self.body_began:
            self.body_began = time.monotonic()
        return consumed

    def is_late(self, limits: Limits, now: float) -> bool:
        if not self.headers_finished:
            return now - self.began > limits.header_seconds
        allowed = limits.body_seconds + self.body_bytes_received / limits.body_bytes_per_second
        return bool(now - self.body_began > allowed)


class Refusal(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Response to a request the parser refused, as a sentence."""

    def execute(self) -> None:
        status, (media_type, body) = self.request.error.code, self.channel.refusal_of(self.request)
        self.status = f"{status} {self.request.error.reason}"
        self.response_headers.append(("Content-Type", media_type))
        self.channel.lingers = True
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection with a deadline for each part of a request."""

    parser_class = TimedParser
    error_task_class = Refusal
    server: Server
    lingers = False
    lingering_until = 0.0

    def is_late(self, now: float) -> bool:
        """Return whether the client is too slow with what it is sending."""
        if self.requests or self.close_when_flushed or self.will_close:
            return False
        if self.request is not None:
            return bool(self.request.is_late(self.server.limits, now))
        return self.is_silent and time.time() - self.creation_time > self.server.limits.header_seconds

    @property
    def is_silent(self) -> bool:
        """True until the first byte."""
        return bool(self.last_activity == self.creation_time)

    @property
    def body_bytes(self) -> int:
        """Bytes received of the body that is not complete yet."""
        return int(self.request.body_bytes_received) if self.request is not None else 0

    def refusal_of(self, request: Any, status: int = 0) -> tuple[str, bytes]:
        """Return media type and content of the response to a request."""
        status = status or request.error.code
        accepted = request.headers.get("ACCEPT", "") if request is not None else ""
        path = getattr(request, "path", "")
        as_json = path.startswith("/api/") or accepted.startswith("application/json")
        return response_body(status, self.server.message_for(status), self.server.lookup, as_json=as_json)

    def refuse(self, status: int) -> None:
        """Answer an incomplete request and end the connection."""
        # a client that is sending must not be reset before it has read the response
        self.lingers = status != 408
        content = b""
        # a connection that never sent a byte asked for nothing
        if not self.is_silent:
            content = raw_response(status, *self.refusal_of(self.request, status))
        with self.outbuf_lock:
            self.outbufs[-1].append(content)
            self.total_outbufs_len += len(content)
            self.close_when_flushed = True
            self._flush_exception(self._flush_some)

    # What comes after a refusal is read and thrown away --------------------------------------------

    def readable(self) -> bool:
        return self.lingering_until > 0 or bool(super().readable())

    def writable(self) -> bool:
        return not self.lingering_until and bool(super().writable())

    def handle_read(self) -> None:
        if not self.lingering_until:
            super().handle_read()
            return
        with contextlib.suppress(OSError):
            # recv() closes the channel at the end of the stream
            if self.recv(1 << 16):
                return
        self.handle_close()

    def handle_write(self) -> None:
        if self.lingers and self.close_when_flushed and not self.will_close:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len and not self.will_close:
                self.lingering_until = time.monotonic() + LINGER_SECONDS
                with contextlib.suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_write()

    def handle_close(self) -> None:
        # the temporary file of a body that will never be complete
        if self.request is not None:
            self.request.close()
        if self.socket is not None and self._fileno is not None:
            super().handle_close()


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Server on a listening socket that other processes may share.

    `max_body` is in bytes. `per_address` is off behind a reverse proxy, where all
    connections have one address.
    """

    def __init__(
        self,
        application: Any,
        listener: socket.socket,
        *,
        threads: int,
        limits: Limits,
        lookup: Lookup,
        max_body: int,
        per_address: bool,
    ) -> None:
        self.limits, self.lookup = limits, lookup
        self._max_body, self._per_address = max_body, per_address
        self._connections = limits.connections if USE_POLL else min(limits.connections, MAX_SELECTED)
        self._stopping_until = 0.0
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        adjustments = Adjustments(
            sockets=[listener],
            threads=threads,
            ident=None,
            cleanup_interval=1,
            # never reached: the server makes room itself
            connection_limit=10 * self._connections + 100,
            max_request_header_size=limits.header_kilobytes * 1024,
            max_request_body_size=max_body + 1,
            outbuf_high_watermark=OUTPUT_LIMIT,
            asyncore_use_poll=USE_POLL,
            log_socket_errors=False,
            # behind a reverse proxy the application reads them itself
            clear_untrusted_proxy_headers=per_address,
        )
        self._probe_dispatcher = ThreadedTaskDispatcher()
        self._probe_dispatcher.set_thread_count(PROBE_THREADS)
        address = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            application,
            _sock=listener,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=address,
            bind_socket=False,
        )

    def message_for(self, status: int) -> Any:
        return message_for(status, self.limits, self._max_body)

    def add_task(self, task: Any) -> None:
        """Give a request, or a channel with requests, to a thread."""
        requests = getattr(task, "requests", None)
        path = getattr(requests[0], "path", "") if requests else ""
        dispatcher = self._probe_dispatcher if path.endswith(PROBES) else self.task_dispatcher
        dispatcher.add_task(task)

    @property
    def waiting(self) -> int:
        """Return how many requests wait for a thread."""
        return len(self.task_dispatcher.queue)

    # Connections -----------------------------------------------------------------------------------

    def channel_class(self, server: Any, conn: Any, addr: Any, adj: Any, map: Any) -> None:
        """Take a connection, or refuse it. Waitress calls its channel class here."""
        if self._per_address and self._has_too_many(addr[0]):
            body = response_body(429, self.message_for(429), self.lookup, as_json=False)
            with contextlib.suppress(OSError):
                conn.setblocking(False)
                conn.send(raw_response(429, *body))
            conn.close()
            return
        Channel(server, conn, addr, adj, map=map)
        if len(self.active_channels) > self._connections:
            self._make_room()

    def _has_too_many(self, address: str) -> bool:
        if address in EXEMPT:
            return False
        counts = Counter(channel.addr[0] for channel in self.active_channels.values())
        return counts[address] >= self.limits.connections_per_address

    def _make_room(self) -> None:
        """Close the connection that waited longest, without a body if possible."""
        waiting = [c for c in self.active_channels.values() if not c.requests and not c.total_outbufs_len]
        if waiting:
            min(waiting, key=lambda c: (c.body_bytes > 0, c.last_activity)).handle_close()

    def maintenance(self, now: float) -> None:
        """Close idle connections and those too slow. Called every second."""
        super().maintenance(now)
        moment = time.monotonic()
        channels = list(self.active_channels.values())
        for channel in channels:
            if channel.lingering_until and channel.lingering_until < moment:
                channel.handle_close()
            elif channel.is_late(moment):
                channel.refuse(408)
        self._bound_pending(channels)

    def _bound_pending(self, channels: list[Channel]) -> None:
        pending = sum(channel.body_bytes for channel in channels)
        for channel in sorted(channels, key=lambda c: c.body_bytes, reverse=True):
            if pending <= self.limits.pending_megabytes * MEGABYTE:
                return
            pending -= channel.body_bytes
            channel.refuse(503)

    # The loop --------------------------------------------------------------------------------------

    def run(self, every_second: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop` is called and running requests are finished."""
        next_call = 0.0
        while not self._is_finished():
            wasyncore.loop(timeout=1, use_poll=USE_POLL, map=self._map, count=1)
            now = time.monotonic()
            if now >= next_call:
                next_call = now + 1
                every_second()
        for dispatcher in (self.task_dispatcher, self._probe_dispatcher):
            dispatcher.shutdown(timeout=1)
        for channel in list(self.active_channels.values()):
            channel.handle_close()

    def stop(self, seconds: float) -> None:
        """Accept nothing more; end when no request runs, or after `seconds`."""
        self.accepting = False
        self._stopping_until = time.monotonic() + seconds
        self.pull_trigger()

    def _is_finished(self) -> bool:
        if not self._stopping_until:
            return False
        busy = any(c.requests or c.total_outbufs_len for c in self.active_channels.values())
        return not busy or time.monotonic() > self._stopping_until
