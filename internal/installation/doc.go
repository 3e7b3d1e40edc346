// Package installation is what an authority has on disk and how its programs
// start from it: the keys made at the beginning, the printable recovery
// sheets, the server's secrets, and the assembly of intake, gateways and desk
// API into one running server. It decides nothing about cases.
package installation
