package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/sha3"
	"golang.org/x/mod/sumdb/tlog"
)

// Exit statuses.
const (
	valid = iota
	broken
	malformed
	untrusted
	unwitnessed
	gapped
)

type object = map[string]any

func keccak(parts ...[]byte) []byte {
	h := sha3.NewLegacyKeccak256()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// verify gives the exit status and, in a few words, the first thing that is wrong.
func verify(text []byte, trust *trust) (int, string) {
	value, parsed, err := parseStrict(text)
	if err != nil {
		return malformed, "parse: " + err.Error()
	}
	if why := receipt(value); why != "" {
		return malformed, "schema: " + why
	}
	if parsed.lone || parsed.zero {
		return malformed, "canonical: half a surrogate pair, or minus zero"
	}
	whole := value.(object)
	signed := object{}
	for key, member := range whole {
		if key != "signature" && key != "proof" {
			signed[key] = member
		}
	}
	bytesSigned := canonical(signed)

	signature := whole["signature"].(object)
	key, ok := trust.keys[signature["kid"].(string)]
	if !ok || key.role != "receipt" {
		return untrusted, "signature: unknown key"
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(signature["sig"].(string))
	if err != nil || !ed25519.Verify(key.public, preAuth(receiptType, bytesSigned), sig) {
		return broken, "signature"
	}

	leaf := keccak([]byte{0}, canonical(evidenceOf(signed)))
	id := "rcpt_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(leaf[:16]))
	if id != whole["receipt_id"] {
		return broken, "leaf"
	}

	attestation := whole["attestation"].(object)
	proof, _ := whole["proof"].(object)
	var headSigners []trustKey
	var witnessedAt *int64
	witnessed := false
	if proof != nil {
		header := proof["header"].(object)
		if header["batch_id"] != attestation["batch_id"] || header["merkle_root"] != attestation["merkle_root"] ||
			header["leaf_count"] != attestation["tree_size"] || header["cluster_id"] != whole["cluster_id"] ||
			header["kid"] != signature["kid"] {
			return broken, "batch: another header"
		}
		if !inBatch(leaf, attestation, proof["batch_path"].([]any)) {
			return broken, "batch"
		}
		log, _ := proof["log"].(object)
		checkpoint, hasCheckpoint := proof["checkpoint"].(string)
		if log != nil && hasCheckpoint {
			status, why, signers, at, enough := verifyLog(whole["cluster_id"].(string), header, log, checkpoint, trust)
			if status != valid {
				return status, why
			}
			headSigners, witnessedAt, witnessed = signers, at, enough
		}
	}

	if proof != nil {
		events, _ := proof["header"].(object)["key_events"].([]any)
		for _, event := range events {
			if status, why := checkKeyEvent(event.(object), trust); status != valid {
				return status, "key: " + why
			}
		}
	}
	at, _ := time.Parse(time.RFC3339Nano, attestation["attestation_time"].(string))
	if key.state == "pending" || at.Before(key.from) || key.to != nil && at.After(*key.to) {
		return untrusted, "key: not in force"
	}
	if key.isLost(witnessedAt) {
		return untrusted, "key: compromised"
	}
	// A head has no time of its own: what is asked of the key that signed it is asked of a witness.
	good := len(headSigners) == 0
	for _, signer := range headSigners {
		good = good || signer.state != "pending" && !signer.isLost(witnessedAt)
	}
	if !good {
		return untrusted, "key: of the head"
	}
	if trust.quorum > 0 && !witnessed {
		return unwitnessed, "witnesses"
	}
	if proof != nil && hasGaps(proof["header"].(object)["completeness"].(object)) {
		return gapped, "gaps"
	}
	return valid, "valid"
}

const (
	receiptType  = "application/vnd.causeway.receipt.v1+json"
	keyEventType = "application/vnd.causeway.key-event.v1+json"
)

func preAuth(kind string, body []byte) []byte {
	return append([]byte(fmt.Sprintf("DSSEv1 %d %s %d ", len(kind), kind, len(body))), body...)
}

func evidenceOf(signed object) object {
	evidence := object{}
	for _, key := range []string{"schema", "cluster_id", "observed_at", "policy", "flow", "observation"} {
		if member, ok := signed[key]; ok {
			evidence[key] = member
		}
	}
	return evidence
}

// inBatch follows the path of RFC 9162, section 2.1.3.2, with Keccak-256.
func inBatch(leaf []byte, attestation object, path []any) bool {
	index, size := int64(attestation["leaf_index"].(float64)), int64(attestation["tree_size"].(float64))
	if index >= size {
		return false
	}
	hash, at, last := leaf, index, size-1
	for _, each := range path {
		sibling, _ := base64.RawURLEncoding.DecodeString(each.(string))
		if last == 0 {
			return false
		}
		if at&1 == 1 || at == last {
			hash = keccak([]byte{1}, sibling, hash)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			hash = keccak([]byte{1}, hash, sibling)
		}
		at, last = at>>1, last>>1
	}
	root, _ := hex.DecodeString(attestation["merkle_root"].(string))
	return last == 0 && bytes.Equal(hash, root)
}

type signatureLine struct {
	name string
	id   []byte
	sig  []byte
}

var sizeLine = regexp.MustCompile(`\A(0|[1-9][0-9]{0,15})\z`)

func verifyLog(clusterID string, header, log object, checkpoint string, trust *trust) (int, string, []trustKey, *int64, bool) {
	text, lines, err := parseNote(checkpoint)
	if err != nil {
		return malformed, "log: " + err.Error(), nil, nil, false
	}
	origin, size, root, err := parseCheckpoint(text)
	if err != nil {
		return malformed, "log: " + err.Error(), nil, nil, false
	}
	index := int64(log["index"].(float64))
	if int64(log["size"].(float64)) != size || float64(index) != header["seq"] {
		return broken, "log: another head or entry", nil, nil, false
	}
	var path tlog.RecordProof
	for _, each := range log["path"].([]any) {
		raw, _ := base64.RawURLEncoding.DecodeString(each.(string))
		path = append(path, tlog.Hash(raw))
	}
	if index >= size || tlog.CheckRecord(path, size, tlog.Hash(root), index, tlog.RecordHash(canonical(header))) != nil {
		return broken, "log", nil, nil, false
	}

	wanted, ok := trust.origins[clusterID]
	if !ok {
		return untrusted, "checkpoint: no such log", nil, nil, false
	}
	signers := signersOf(text, lines, origin, trust)
	if wanted != origin || len(signers) == 0 {
		return broken, "checkpoint", nil, nil, false
	}
	times := witnessTimes(text, lines, trust)
	enough := len(times) >= trust.quorum && len(times) > 0
	switch {
	case trust.quorum > 0 && len(times) >= trust.quorum:
		return valid, "", signers, &times[trust.quorum-1], enough
	case trust.quorum == 0 && len(times) > 0:
		return valid, "", signers, &times[0], enough
	}
	return valid, "", signers, nil, enough
}

// signersOf are the checkpoint keys of the trust bundle that have signed the head.
func signersOf(text string, lines []signatureLine, origin string, trust *trust) []trustKey {
	var signers []trustKey
	for _, line := range lines {
		for _, key := range trust.keys {
			if line.name == origin && key.role == "checkpoint" && bytes.Equal(line.id, keyID(origin, 1, key.public)) && len(line.sig) == 64 &&
				ed25519.Verify(key.public, []byte(text), line.sig) {
				signers = append(signers, key)
			}
		}
	}
	return signers
}

// isLost says whether a key was in other hands before enough witnesses had seen the head.
func (k trustKey) isLost(witnessedAt *int64) bool {
	return k.compromised != nil && (witnessedAt == nil || !time.Unix(*witnessedAt, 0).Before(*k.compromised))
}

// witnessTimes are the times, Unix seconds and earliest first, at which witnesses saw the head: each counts once, by its first good line.
func witnessTimes(text string, lines []signatureLine, trust *trust) []int64 {
	seen := map[string]bool{}
	var times []int64
	for _, line := range lines {
		key, ok := trust.witnesses[line.name]
		if !ok || seen[line.name] || len(line.sig) != 72 || !bytes.Equal(line.id, keyID(line.name, 4, key)) {
			continue
		}
		at := binary.BigEndian.Uint64(line.sig)
		if at > mostSafe {
			continue
		}
		if ed25519.Verify(key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)), line.sig[8:]) {
			seen[line.name] = true
			times = append(times, int64(at))
		}
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	return times
}

func keyID(name string, kind byte, key []byte) []byte {
	hash := sha256.Sum256(append(append([]byte(name+"\n"), kind), key...))
	return hash[:4]
}

// parseNote reads a signed note: text, an empty line, lines of signatures.
func parseNote(note string) (string, []signatureLine, error) {
	at := strings.LastIndex(note, "\n\n")
	if at < 0 {
		return "", nil, fmt.Errorf("no signatures")
	}
	text, rest := note[:at+1], note[at+2:]
	for _, r := range text {
		if r != '\n' && unicode.Is(unicode.Cc, r) {
			return "", nil, fmt.Errorf("control characters")
		}
	}
	if !strings.HasSuffix(rest, "\n") {
		return "", nil, fmt.Errorf("the last line does not end")
	}
	split := strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
	if len(split) > 100 {
		return "", nil, fmt.Errorf("too many signatures")
	}
	var lines []signatureLine
	for _, line := range split {
		words := strings.Split(line, " ")
		if len(words) != 3 || words[0] != "\u2014" || !isKeyName(words[1]) {
			return "", nil, fmt.Errorf("a line that is no signature")
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(words[2])
		if err != nil || len(raw) < 5 || strings.ContainsAny(words[2], "\r\n") {
			return "", nil, fmt.Errorf("a signature that is not in base64")
		}
		lines = append(lines, signatureLine{words[1], raw[:4], raw[4:]})
	}
	return text, lines, nil
}

// isKeyName: visible characters, no space as JavaScript knows it, no plus.
func isKeyName(name string) bool {
	for _, r := range name {
		if r == '+' || unicode.IsSpace(r) || r == '\ufeff' || unicode.Is(unicode.C, r) || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z) {
			return false
		}
	}
	return name != ""
}

func parseCheckpoint(text string) (string, int64, []byte, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" || !sizeLine.MatchString(lines[1]) || lines[len(lines)-1] != "" {
		return "", 0, nil, fmt.Errorf("no checkpoint")
	}
	for _, extension := range lines[3 : len(lines)-1] {
		if extension == "" {
			return "", 0, nil, fmt.Errorf("an empty line")
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || size > mostSafe || rootErr != nil || len(root) != 32 {
		return "", 0, nil, fmt.Errorf("no size or root")
	}
	return lines[0], size, root, nil
}

func hasGaps(completeness object) bool {
	lost := new(big.Int)
	for _, each := range completeness["lost_events"].([]any) {
		n, _ := new(big.Int).SetString(each.(object)["count"].(string), 10)
		lost.Add(lost, n)
	}
	return completeness["nodes_connected"].(float64) < completeness["nodes_expected"].(float64) || lost.Sign() > 0 ||
		len(completeness["stream_gaps"].([]any)) > 0
}
