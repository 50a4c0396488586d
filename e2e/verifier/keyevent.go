package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"
)

// checkKeyEvent is about one change of a key, taken by itself: its name follows from it, a key is brought in with its own signature, and every
// signature there is is good and by a key of its role.
func checkKeyEvent(event object, trust *trust) (int, string) {
	own, err := publicKey(event["x"].(string))
	if err != nil || thumbprint(own) != event["kid"] {
		return broken, "a change of a key that is none, or another one"
	}
	seen := map[any]bool{}
	signed := object{}
	for name, member := range event {
		if name != "signatures" {
			signed[name] = member
		}
	}
	for _, each := range event["signatures"].([]any) {
		kid := each.(object)["kid"]
		if seen[kid] {
			return broken, "one key has signed a change of a key twice"
		}
		seen[kid] = true
	}
	if event["event"] == "introduced" && !seen[event["kid"]] {
		return broken, "a new key has not signed for itself"
	}
	message := preAuth(keyEventType, canonical(signed))
	for _, each := range event["signatures"].([]any) {
		line := each.(object)
		known, ok := trust.keys[line["kid"].(string)]
		signer := known.public
		if line["kid"] == event["kid"] {
			signer = own
		} else if !ok {
			return untrusted, "a change of a key by one that is not known"
		}
		sig, err := base64.RawURLEncoding.Strict().DecodeString(line["sig"].(string))
		if ok && known.role != event["role"] || err != nil || !ed25519.Verify(signer, message, sig) {
			return broken, "a change of a key that is not signed"
		}
	}
	return valid, ""
}

// thumbprint is the name of a key by RFC 7638.
func thumbprint(key ed25519.PublicKey) string {
	hash := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(key) + `"}`))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// The y coordinates of the points whose order divides eight, besides 0, 1 and -1.
var smallOrder = []string{
	"2707385501144840649318225287225658788936804267575313519463743609750303402022",
	"55188659117513257062467267217118295137698188065244968500265048394206261417927",
}

// weak says whether a key is not in its canonical form, or a point of small order.
func weak(key ed25519.PublicKey) bool {
	bigEndian := slices.Clone([]byte(key))
	slices.Reverse(bigEndian)
	bigEndian[0] &= 0x7f
	y := new(big.Int).SetBytes(bigEndian)
	field := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	if y.Cmp(field) >= 0 || y.Cmp(big.NewInt(1)) <= 0 || new(big.Int).Add(y, big.NewInt(1)).Cmp(field) == 0 {
		return true
	}
	return slices.Contains(smallOrder, y.String())
}
