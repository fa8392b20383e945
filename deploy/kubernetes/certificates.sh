#!/usr/bin/env bash
# Makes an authority and one certificate for all nodes: tls.crt, tls.key, ca.crt and ca.key in a folder.
# certificates.sh folder [name …]; the names are those under which nodes are reached (default: those of the StatefulSet), addresses among them.
# An authority that lies in the folder is used again. ca.key is to be kept elsewhere: whoever has it can make nodes.
#
#   deploy/kubernetes/certificates.sh certificates
#   kubectl -n presence create secret generic presence-tls \
#     --from-file=certificates/tls.crt --from-file=certificates/tls.key --from-file=certificates/ca.crt
set -euo pipefail
umask 077
folder="${1:?certificates.sh wants a folder}"
shift
names=("$@")
((${#names[@]})) || names=(presence-0.presence presence-1.presence presence-2.presence)

# Whoever connects to an address looks for it among the addresses, not among the names.
alternatives() {
  local name kind all=()
  for name in "${names[@]}"; do
    kind=DNS
    [[ $name == *:* || $name =~ ^[0-9.]+$ ]] && kind=IP
    all+=("$kind:$name")
  done
  (IFS=,; echo "${all[*]}")
}

mkdir -p "$folder"
cd "$folder"
if [[ ! -e ca.key ]]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Presence nodes" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt
fi
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=presence" -keyout tls.key -out tls.csr
# Good for both ends: a node is the server to those that call it, and the client of those that it calls.
openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -days 365 -out tls.crt -extfile /dev/stdin <<END
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=$(alternatives)
END
rm tls.csr
