"""What passed on the wire, connection by connection: a capture of one TCP port on loopback, and nothing of wsload's.

A capture is what `tcpdump -w` writes. Reading it knows Ethernet, IPv4, TCP and the heads of WebSocket frames, as far as
it takes to say how each connection began and ended.
"""

import signal
import struct
import subprocess
import time

FIN, SYN, RST = 1, 2, 4


class Connection:
    def __init__(self, began):
        self.began = began  # of its SYN
        self.accepted = False  # the server's SYN ACK
        self.upgraded = None  # when the server's 101 was on the wire
        self.socket = None  # the number that wsload writes into each message
        self.resets = []  # (time, from the server?)
        self.fins = []
        self.closes = []  # (time, from the server?, code)
        self.streams = {True: Stream(), False: Stream()}

    @property
    def cause(self):
        """How it ended for the client, in wsload's words; None: it was the client that ended it."""
        ends = [(at, kind) for at, kind in self.told_ends()]
        return min(ends)[1] if ends else None

    @property
    def ended(self):
        ends = self.told_ends()
        return min(ends)[0] if ends else None

    def told_ends(self):
        if self.upgraded is None:
            return []
        said_goodbye = [at for at, by_server, _ in self.closes if not by_server]
        first_goodbye = min(said_goodbye, default=float("inf"))
        ends = [(at, f"close:{code}") for at, by_server, code in self.closes if by_server and at < first_goodbye]
        ends += [(at, "reset") for at, by_server in self.resets if by_server and at < first_goodbye]
        ends += [(at, "eof") for at, by_server in self.fins if by_server and at < first_goodbye]
        return ends


class Stream:
    """The bytes of one direction, in order; what comes too early waits, what comes again is cut off."""

    def __init__(self):
        self.next = None
        self.early = {}
        self.bytes = b""
        self.is_upgraded = False

    def put(self, sequence, payload):
        if self.next is None:
            return
        self.early[sequence] = payload
        while True:
            place = next((s for s in self.early if (self.next - s) % 2**32 < 2**31), None)
            if place is None:
                return
            payload = self.early.pop(place)
            fresh = payload[(self.next - place) % 2**32 :]
            self.bytes += fresh
            self.next = (self.next + len(fresh)) % 2**32


def frames(stream):
    """Takes whole WebSocket frames off a stream: opcode and unmasked payload."""
    while len(stream.bytes) >= 2:
        head, place = stream.bytes, 2
        length = head[1] & 127
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(head) < 2 + size:
                return
            length = int.from_bytes(head[2 : 2 + size], "big")
            place = 2 + size
        mask = b""
        if head[1] & 128:
            mask, place = head[place : place + 4], place + 4
        if len(head) < place + length:
            return
        payload = head[place : place + length]
        if mask:
            payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        stream.bytes = head[place + length :]
        yield head[0] & 15, payload


def packets(path):
    with open(path, "rb") as file:
        magic = file.read(24)
        nanoseconds = magic[:4] == b"\x4d\x3c\xb2\xa1"
        if magic[:4] not in (b"\x4d\x3c\xb2\xa1", b"\xd4\xc3\xb2\xa1") or struct.unpack("<I", magic[20:24])[0] != 1:
            raise SystemExit("wiretap: this is no capture of an Ethernet or of loopback")
        while head := file.read(16):
            seconds, rest, kept, whole = struct.unpack("<IIII", head)
            data = file.read(kept)
            if kept < whole:
                raise SystemExit("wiretap: packets were cut short")
            yield seconds + rest / (1e9 if nanoseconds else 1e6), data


def segments(path, port):
    """Time, client's port, from the server?, sequence, flags, payload."""
    for at, data in packets(path):
        if data[12:14] != b"\x08\x00" or data[23] != 6:
            continue
        tcp = 14 + 4 * (data[14] & 15)
        end = 14 + int.from_bytes(data[16:18], "big")
        source, target, sequence = struct.unpack("!HHI", data[tcp : tcp + 8])
        payload = data[tcp + 4 * (data[tcp + 12] >> 4) : end]
        if port in (source, target):
            by_server = source == port
            yield at, target if by_server else source, by_server, sequence, data[tcp + 13], payload


def connections(path, port):
    """All connections that were begun, in their order. A port that is used again is another connection."""
    by_port, all_of_them = {}, []
    for at, client, by_server, sequence, flags, payload in segments(path, port):
        if flags & SYN and not by_server:
            known = by_port.get(client)
            # A SYN that comes again is no news; one behind an answer is another connection's.
            if known is None or known.accepted or known.resets:
                known = by_port[client] = Connection(at)
                all_of_them.append(known)
            known.streams[False].next = (sequence + 1) % 2**32
            continue
        connection = by_port.get(client)
        if connection is None:
            continue
        stream = connection.streams[by_server]
        if flags & SYN:
            connection.accepted = True
            stream.next = (sequence + 1) % 2**32
        if payload:
            stream.put(sequence, payload)
            read(connection, by_server, at)
        if flags & RST:
            connection.resets.append((at, by_server))
        if flags & FIN:
            connection.fins.append((at, by_server))
    return all_of_them


def read(connection, by_server, at):
    stream = connection.streams[by_server]
    if not stream.is_upgraded:
        end = stream.bytes.find(b"\r\n\r\n")
        if end < 0:
            return
        if by_server and stream.bytes.startswith(b"HTTP/1.1 101"):
            connection.upgraded = at
        stream.bytes = stream.bytes[end + 4 :]
        stream.is_upgraded = True
    for opcode, payload in frames(stream):
        if opcode == 8:
            code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            connection.closes.append((at, by_server, code))
        elif opcode == 1 and not by_server and connection.socket is None:
            connection.socket = int(payload[8:16], 16)


class Capture:
    """tcpdump beside a run."""

    def __init__(self, port, path):
        self.path = path
        self.process = subprocess.Popen(
            ["tcpdump", "-i", "lo", "-n", "-s", "0", "-B", "65536", "-w", path, "tcp", "port", str(port)],
            stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "listening on" in line:
                return
        raise SystemExit("test-capture: tcpdump captures nothing here: it needs root")

    def end(self):
        """How many packets the kernel did not give it."""
        time.sleep(0.5)
        self.process.send_signal(signal.SIGINT)
        words = self.process.stderr.read()
        self.process.wait()
        return next((int(line.split()[0]) for line in words.splitlines() if "dropped by kernel" in line), 0)
