package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

type trustKey struct {
	role, state     string
	public          ed25519.PublicKey
	from            time.Time
	to, compromised *time.Time
}

type trust struct {
	keys      map[string]trustKey
	origins   map[string]string
	witnesses map[string]ed25519.PublicKey
	quorum    int
}

func parseTrust(text []byte) (*trust, error) {
	var file struct {
		Schema  string
		Origins []struct {
			Cluster string `json:"cluster_id"`
			Origin  string
		}
		Keys []struct {
			Kid, Role, X, State string
			From                time.Time  `json:"valid_from"`
			To                  *time.Time `json:"valid_to"`
			Compromised         *time.Time `json:"compromised_at"`
		}
		Witnesses []struct{ Name, X string }
		Quorum    int
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	if file.Schema != "causeway.trust/1" {
		return nil, fmt.Errorf("this is no trust bundle")
	}
	t := &trust{map[string]trustKey{}, map[string]string{}, map[string]ed25519.PublicKey{}, file.Quorum}
	for _, key := range file.Keys {
		public, err := publicKey(key.X)
		if err != nil {
			return nil, err
		}
		t.keys[key.Kid] = trustKey{key.Role, key.State, public, key.From, key.To, key.Compromised}
	}
	for _, each := range file.Origins {
		t.origins[each.Cluster] = each.Origin
	}
	for _, each := range file.Witnesses {
		public, err := publicKey(each.X)
		if err != nil {
			return nil, err
		}
		t.witnesses[each.Name] = public
	}
	return t, nil
}

func publicKey(x string) (ed25519.PublicKey, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(x)
	if err != nil || len(raw) != ed25519.PublicKeySize || weak(raw) {
		return nil, fmt.Errorf("a key that is none")
	}
	return raw, nil
}
