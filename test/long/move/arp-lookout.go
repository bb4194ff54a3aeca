// arp-lookout INTERFACE ADDRESS SENDER-PREFIX: asks every 50 ms who has ADDRESS, and prints a line of JSON whenever those
// who answer change, with the number of the first question that they answered: {"question": 7, "answerers": ["aa:..."]}.
// Which question an answer belongs to is told by the sender's address, of which every question has another one
// (SENDER-PREFIX.100 to .219), so that a late answer of the old owner is not taken for a second one to the new question.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"sort"
	"sync"
	"syscall"
	"time"
)

const (
	every     = 50 * time.Millisecond
	patience  = 20 // questions that may be open at a time: one second
	senders   = 120
	firstHost = 100
	etherARP  = 0x0806
)

type question struct {
	number int
	macs   map[string]bool
}

func swapped(value uint16) uint16 { return value<<8 | value>>8 }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "arp-lookout:", err)
		os.Exit(1)
	}
}

func request(own net.HardwareAddr, sender, target net.IP) []byte {
	frame := make([]byte, 42)
	copy(frame[0:6], []byte{255, 255, 255, 255, 255, 255})
	copy(frame[6:12], own)
	binary.BigEndian.PutUint16(frame[12:], etherARP)
	binary.BigEndian.PutUint16(frame[14:], 1)      // Ethernet
	binary.BigEndian.PutUint16(frame[16:], 0x0800) // IPv4
	frame[18], frame[19] = 6, 4
	binary.BigEndian.PutUint16(frame[20:], 1) // request
	copy(frame[22:28], own)
	copy(frame[28:32], sender)
	copy(frame[38:42], target)
	return frame
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: arp-lookout INTERFACE ADDRESS SENDER-PREFIX")
		os.Exit(2)
	}
	link, err := net.InterfaceByName(os.Args[1])
	must(err)
	target := net.ParseIP(os.Args[2]).To4()
	socket, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, int(swapped(etherARP)))
	must(err)
	to := &syscall.SockaddrLinklayer{Protocol: swapped(etherARP), Ifindex: link.Index}
	must(syscall.Bind(socket, to))

	var lock sync.Mutex
	open := map[byte]*question{}
	go func() {
		frame := make([]byte, 1500)
		for {
			size, _, err := syscall.Recvfrom(socket, frame, 0)
			if err == syscall.EINTR {
				continue
			}
			must(err)
			isReply := size >= 42 && binary.BigEndian.Uint16(frame[20:]) == 2
			if !isReply || !target.Equal(net.IP(frame[28:32])) {
				continue
			}
			lock.Lock()
			if asked := open[frame[41]]; asked != nil {
				asked.macs[net.HardwareAddr(frame[22:28]).String()] = true
			}
			lock.Unlock()
		}
	}()

	out := json.NewEncoder(os.Stdout)
	told := "?"
	tick := time.NewTicker(every)
	for number := 0; ; number++ {
		key := byte(firstHost + number%senders)
		sender := net.ParseIP(fmt.Sprintf("%s.%d", os.Args[3], key)).To4()
		closing := byte(firstHost + (number+senders-patience)%senders)
		lock.Lock()
		due := open[closing]
		delete(open, closing)
		open[key] = &question{number: number, macs: map[string]bool{}}
		lock.Unlock()
		if due != nil {
			answerers := []string{}
			for mac := range due.macs {
				answerers = append(answerers, mac)
			}
			sort.Strings(answerers)
			if now := fmt.Sprint(answerers); now != told {
				told = now
				must(out.Encode(map[string]any{"question": due.number, "answerers": answerers}))
			}
		}
		// A link that is down just now is no reason to give up.
		_ = syscall.Sendto(socket, request(link.HardwareAddr, sender, target), 0, to)
		<-tick.C
	}
}
