"""A volume plugin of Docker's (protocol v1) whose volumes one host has at a time.

attach_plugin.py SHARED HOST SOCKET [controlled]: the data is in a folder that all hosts of a lab reach, and a
volume is attached to the host that Mount comes from, until the last Unmount there. As drivers do
that are said to detach without asking, it takes a volume from another host that has it, and writes
down that it did: "taken NAME from HOST by HOST" in SHARED/log. With a file SHARED/slow, a Mount takes
as many seconds as that says.

One that is controlled is Flocker's: an agent attaches, who writes the host to `attached` in the
volume's folder. A Mount elsewhere asks for it, which is written down, and waits; Remove does nothing.

The hosts have Python's smallest part, without http or json.
"""

import os
import re
import socket
import subprocess
import sys
import threading
import time

shared, host, path, controlled = (sys.argv[1:] + [""])[:4]
own = "/run/ferry-attach"
lock = threading.RLock()


def text(file):
    try:
        with open(file) as opened:
            return opened.read().strip()
    except FileNotFoundError:
        return ""


def note(line):
    with open(f"{shared}/log", "a") as log:
        log.write(line + "\n")


def folder(name):
    return f"{shared}/volumes/{name}"


def place(name):
    return f"{own}/{name}"


def users(name):
    return f"{own}/.{name}"


def holder(name):
    return text(f"{folder(name)}/holder")


def mounted(name):
    return os.path.ismount(place(name))


def described(name):
    mountpoint = place(name) if mounted(name) else ""
    return f'{{"Name":"{name}","Mountpoint":"{mountpoint}"}}'


def create(name, _user):
    os.makedirs(f"{folder(name)}/data", exist_ok=True)
    return '{"Err":""}'


def wait_for_agent(name):
    attached = f"{folder(name)}/attached"
    if text(attached) == host:
        return
    note(f"asked for {name} by {host}")
    with open(f"{folder(name)}/wanted", "w") as file:
        file.write(host)
    end = time.time() + 110
    while text(attached) != host:
        if time.time() > end:
            raise TimeoutError("Timed out waiting for dataset to mount.")
        time.sleep(0.1)


def attach(name):
    if controlled:
        wait_for_agent(name)
    other = holder(name)
    if other not in ("", host):
        note(f"taken {name} from {other} by {host}")
    with open(f"{folder(name)}/holder", "w") as file:
        file.write(host)
    os.makedirs(place(name), exist_ok=True)
    subprocess.run(["mount", "--bind", f"{folder(name)}/data", place(name)], check=True)
    note(f"attached {name} to {host}")


def mount(name, user):
    with lock:
        if not mounted(name):
            time.sleep(float(text(f"{shared}/slow") or 0))
            attach(name)
        os.makedirs(users(name), exist_ok=True)
        open(f"{users(name)}/{user}", "w").close()
    return f'{{"Mountpoint":"{place(name)}","Err":""}}'


def unmount(name, user):
    with lock:
        if os.path.exists(f"{users(name)}/{user}"):
            os.remove(f"{users(name)}/{user}")
        if mounted(name) and not os.listdir(users(name)):
            subprocess.run(["umount", place(name)], check=True)
            if holder(name) == host:
                os.remove(f"{folder(name)}/holder")
            note(f"detached {name} from {host}")
    return '{"Err":""}'


def remove(name, _user):
    if controlled:
        return '{"Err":""}'
    subprocess.run(["rm", "-rf", folder(name)], check=True)
    return '{"Err":""}'


def get(name, _user):
    if not os.path.isdir(folder(name)):
        return '{"Err":"no such volume"}'
    return f'{{"Volume":{described(name)},"Err":""}}'


def listing(_name, _user):
    names = os.listdir(f"{shared}/volumes")
    return '{"Volumes":[' + ",".join(described(name) for name in names) + '],"Err":""}'


def where(name, _user):
    return f'{{"Mountpoint":"{place(name) if mounted(name) else ""}","Err":""}}'


calls = {
    "/Plugin.Activate": lambda _name, _user: '{"Implements":["VolumeDriver"]}',
    "/VolumeDriver.Capabilities": lambda _name, _user: '{"Capabilities":{"Scope":"global"}}',
    "/VolumeDriver.Create": create,
    "/VolumeDriver.Remove": remove,
    "/VolumeDriver.Mount": mount,
    "/VolumeDriver.Unmount": unmount,
    "/VolumeDriver.Path": where,
    "/VolumeDriver.Get": get,
    "/VolumeDriver.List": listing,
}


def value(body, key):
    found = re.search(rf'"{key}":"([^"]*)"', body)
    return found.group(1) if found else ""


def answer(call, body):
    try:
        return calls[call](value(body, "Name"), value(body, "ID"))
    except Exception as error:
        message = str(error).replace("\\", " ").replace('"', "'")
        return f'{{"Err":"{message}"}}'


def serve(client):
    with client, client.makefile("rwb") as stream:
        for line in stream:
            call = line.split()[1].decode()
            size = 0
            for header in iter(lambda: stream.readline().strip().lower(), b""):
                if header.startswith(b"content-length:"):
                    size = int(header.split(b":")[1])
            reply = answer(call, stream.read(size).decode()).encode()
            kind = "application/vnd.docker.plugins.v1.1+json"
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(reply)}\r\n\r\n"
            stream.write(head.encode() + reply)
            stream.flush()


os.makedirs(f"{shared}/volumes", exist_ok=True)
os.makedirs(own, exist_ok=True)
os.makedirs(os.path.dirname(path), exist_ok=True)
if os.path.exists(path):
    os.remove(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()
while True:
    threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()
