"""A WebSocket client for the soak scripts, written from RFC 6455 and CONTRACT 3; it shares no code with the server."""

import asyncio
import base64
import json
import os
import socket
import struct
import zlib


class Socket(asyncio.Protocol):
    """One WebSocket: `heard(self, text)` for each message, `ended(self, cause)` once, whatever the cause."""

    def __init__(self, path, heard, ended=None, fields=(), deflate=False):
        self.path, self.heard, self.ended = path, heard, ended
        self.fields = list(fields)
        if deflate:
            self.fields.append("Sec-WebSocket-Extensions: permessage-deflate")
        self.wants_deflate = deflate
        self.buffer = bytearray()
        self.parts = None
        self.cause = None
        self.is_open = False
        self.opened = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, port, path, heard, ended=None, fields=(), deflate=False, receive_buffer=None):
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, ("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _, made = await loop.create_connection(lambda: cls(path, heard, ended, fields, deflate), sock=connection)
        await made.opened
        return made

    # Coming and going

    def connection_made(self, transport):
        self.transport = transport
        lines = ["GET %s HTTP/1.1" % self.path, "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        transport.write(("\r\n".join(lines + self.fields) + "\r\n\r\n").encode())

    def connection_lost(self, error):
        self.is_open = False
        cause = self.cause or ("reset" if error else "eof")
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(cause))
        if self.ended:
            self.ended(self, cause)

    def close(self, code=1000):
        self.frame(0x88, struct.pack("!H", code))

    # Speaking

    def frame(self, first, payload):
        self.transport.write(self.masked(first, payload))

    @staticmethod
    def masked(first, payload):
        count = len(payload)
        if count < 126:
            head = bytes((first, 0x80 | count))
        elif count < 65536:
            head = struct.pack("!BBH", first, 0x80 | 126, count)
        else:
            head = struct.pack("!BBQ", first, 0x80 | 127, count)
        mask = os.urandom(4)
        whole = int.from_bytes(payload, "big") ^ int.from_bytes((mask * (count // 4 + 1))[:count], "big")
        return head + mask + whole.to_bytes(count, "big")

    def say(self, text):
        payload = text.encode()
        if not self.deflater:
            return self.frame(0x81, payload)
        packed = self.deflater.compress(payload) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        self.frame(0xC1, packed[:-4])
        self.renew()

    def renew(self):
        """What was agreed to be forgotten between two messages is."""
        if "client_no_context_takeover" in self.agreement:
            self.deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
        if "server_no_context_takeover" in self.agreement:
            self.inflater = zlib.decompressobj(-15)

    def tell(self, **word):
        self.say(json.dumps(word))

    async def say_in_parts(self, text, pause):
        """Three frames, and each frame in two pieces."""
        payload = text.encode()
        third = len(payload) // 3 + 1
        for first, part in ((0x01, payload[:third]), (0x00, payload[third:2 * third]), (0x80, payload[2 * third:])):
            frame = self.masked(first, part)
            middle = len(frame) // 2
            for piece in (frame[:middle], frame[middle:]):
                self.transport.write(piece)
                await asyncio.sleep(pause)

    # Hearing

    def data_received(self, data):
        self.buffer += data
        if not self.is_open and not self.handshake():
            return
        used, buffer = 0, self.buffer
        while len(buffer) - used >= 2:
            count, start = buffer[used + 1], used + 2
            if count == 126:
                count, start = int.from_bytes(buffer[start:start + 2], "big"), start + 2
            elif count == 127:
                count, start = int.from_bytes(buffer[start:start + 8], "big"), start + 8
            if len(buffer) < start + count or start > len(buffer):
                break
            first, used = buffer[used], start + count
            self.take(first, bytes(buffer[start:used]))
        del buffer[:used]

    def handshake(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.buffer[:end]).decode()
        del self.buffer[:end + 4]
        status = head.split(" ", 2)[1]
        if status != "101":
            self.cause = "http:" + status
            self.transport.close()
            return False
        agreed = self.wants_deflate and "permessage-deflate" in head
        self.deflater = zlib.compressobj(6, zlib.DEFLATED, -15) if agreed else None
        self.inflater = zlib.decompressobj(-15) if agreed else None
        self.agreement = head if agreed else ""
        self.is_open = True
        self.opened.set_result(self)
        return True

    def take(self, first, payload):
        kind = first & 0x0F
        if kind == 9:
            self.frame(0x8A, payload)
        elif kind == 8:
            self.cause = "close:%d" % int.from_bytes(payload[:2], "big") if len(payload) > 1 else "close:1005"
            self.frame(0x88, payload[:2])
            self.transport.close()
        elif first & 0x40:
            self.heard(self, self.inflater.decompress(payload + b"\x00\x00\xff\xff"))
            self.renew()
        elif first & 0x80 and kind in (1, 2):
            self.heard(self, payload)
        else:
            raise ValueError("a frame that begins with %d" % first)


SLUICE = ("Sec-WebSocket-Protocol: sluice.v1",)


async def ask(port, method, path, body=None):
    """Status and body of one HTTP request; status 0 when the connection ends without an answer."""
    data = json.dumps(body).encode() if body is not None else b""
    head = "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((head % (method, path, len(data))).encode() + data)
        answer = await asyncio.wait_for(reader.read(), 15)
        writer.close()
        status, text = answer.split(b"\r\n\r\n", 1)
        return int(status.split(b" ", 2)[1]), json.loads(text)
    except (OSError, ValueError, IndexError, asyncio.TimeoutError):
        return 0, None
