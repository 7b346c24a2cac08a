package netem

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// OpenTUN makes a device for IP packets, one Read or Write each; it goes with the file. It fails where the process may not.
func OpenTUN(name string) (*os.File, error) {
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("netem: /dev/net/tun: %w", err)
	}
	var request struct { // of linux/if.h
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:syscall.IFNAMSIZ-1], name)
	request.flags = syscall.IFF_TUN | syscall.IFF_NO_PI
	_, _, fault := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request)))
	if fault != 0 {
		_ = syscall.Close(fd)
		return nil, fmt.Errorf("netem: device %q: %w", name, fault)
	}
	return os.NewFile(uintptr(fd), name), nil
}
