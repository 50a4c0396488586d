package main

import (
	"fmt"
	"regexp"
	"unicode/utf16"
)

// A rule says why a value is none of its kind; "" when it is.
type rule func(value any) string

type fields map[string]field
type field struct {
	rule     rule
	optional bool
}

func must(r rule) field { return field{rule: r} }
func may(r rule) field  { return field{rule: r, optional: true} }

// closed is an object that has what it must, and nothing that it may not.
func closed(known fields) rule {
	return func(value any) string {
		object, ok := value.(map[string]any)
		if !ok {
			return "not an object"
		}
		for name := range object {
			if _, ok := known[name]; !ok {
				return "an unknown key " + name
			}
		}
		for name, field := range known {
			member, ok := object[name]
			if !ok {
				if field.optional {
					continue
				}
				return name + " is missing"
			}
			if why := field.rule(member); why != "" {
				return name + ": " + why
			}
		}
		return ""
	}
}

// both asks the second rule of what the first one takes.
func both(first, second rule) rule {
	return func(value any) string {
		if why := first(value); why != "" {
			return why
		}
		return second(value)
	}
}

func list(item rule, least, most int) rule {
	return func(value any) string {
		items, ok := value.([]any)
		if !ok || len(items) < least || len(items) > most {
			return "not a list of the right length"
		}
		for _, each := range items {
			if why := item(each); why != "" {
				return why
			}
		}
		return ""
	}
}

func whole(least, most float64) rule {
	return func(value any) string {
		if number, ok := value.(float64); !ok || number < least || number > most {
			return fmt.Sprintf("not a number from %v to %v", least, most)
		}
		return ""
	}
}

func textUpTo(most int) rule {
	return func(value any) string {
		text, ok := value.(string)
		if !ok || len(utf16.Encode([]rune(text))) > most {
			return "not a text, or too long"
		}
		return ""
	}
}

func like(pattern string) rule {
	compiled := regexp.MustCompile(`\A(?:` + pattern + `)\z`)
	return func(value any) string {
		if text, ok := value.(string); !ok || !compiled.MatchString(text) {
			return "not like " + pattern
		}
		return ""
	}
}

func oneOf(words ...string) rule {
	return func(value any) string {
		for _, word := range words {
			if value == any(word) {
				return ""
			}
		}
		return "none of the words known"
	}
}

func boolean(value any) string {
	if _, ok := value.(bool); !ok {
		return "not true or false"
	}
	return ""
}

var (
	text     = textUpTo(512)
	count    = whole(0, mostSafe)
	digits   = like(`0|[1-9][0-9]{0,19}`)
	hex32    = like(`[0-9a-f]{64}`)
	pathHash = like(`[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]`)
	moment   = like(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z`)
	cluster  = like(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`)
	kid      = like(`[A-Za-z0-9_-]{43}`)

	peer = closed(fields{
		"identity": must(count), "namespace": may(text), "pod": may(text), "workload": may(text), "entity": may(text), "ip": may(text),
		"spiffe_id": may(text),
	})
	flow = closed(fields{
		"uuid":        must(text),
		"verdict":     must(oneOf("FORWARDED", "DROPPED", "ERROR", "AUDIT", "REDIRECTED", "TRACED", "TRANSLATED")),
		"drop_reason": may(text), "direction": must(oneOf("ingress", "egress", "unknown")), "is_reply": may(boolean),
		"source": must(peer), "destination": must(peer), "protocol": must(text), "port": must(whole(0, 65535)),
		"l7": may(closed(fields{
			"type": must(text), "method": may(text), "path": may(text), "host": may(text), "status": may(whole(0, 999)), "query": may(text),
		})),
		"aggregate": may(closed(fields{
			"count": must(digits), "first_at": must(moment), "last_at": must(moment), "samples": must(list(text, 0, 3)),
		})),
	})
	policy = closed(fields{
		"ref": must(text), "uid": may(text), "generation": may(count), "spec_hash": may(hex32), "raw_hash": may(hex32),
	})
	observation = closed(fields{
		"source": must(text), "cilium_version": may(text),
		"class":      must(oneOf("dropped", "audit", "error", "finding", "aggregate", "attested", "full")),
		"event_type": must(text), "event_sub_type": may(text), "observation_point": may(text), "node": must(text), "stream_position": may(digits),
		"encrypted": must(oneOf("yes", "no", "unknown")), "encrypted_basis": may(oneOf("flow-bit", "device-trace", "same-node", "absent")),
		"spiffe_basis": may(oneOf("derived-from-labels", "spire-entry-lookup", "absent")), "policy_attribution": must(oneOf("hubble", "engine", "none")),
		"policy_set_hash": may(hex32), "grace": may(list(text, 0, 10)),
		"finding": may(closed(fields{
			"rule": must(oneOf("R1", "R2", "R3", "R4", "R5", "R6")), "severity": must(oneOf("confirmed", "suspected", "not-evaluable")),
			"reasons": must(list(text, 1, 10)), "subject": may(text),
		})),
	})
	header = closed(fields{
		"schema": must(oneOf("causeway.batch/1")), "cluster_id": must(cluster), "batch_id": must(text), "seq": must(count),
		"prev_header_hash": must(hex32), "window_start": must(moment), "window_end": must(moment), "leaf_count": must(whole(1, mostSafe)),
		"merkle_root": must(hex32),
		"receipt_counts": must(closed(fields{
			"dropped": may(count), "audit": may(count), "error": may(count), "finding": may(count), "aggregate": may(count), "attested": may(count),
			"full": may(count),
		})),
		"completeness": must(closed(fields{
			"nodes_expected": must(count), "nodes_connected": must(count),
			"lost_events":       must(list(closed(fields{"node": must(text), "source": must(text), "count": must(digits)}), 0, 200)),
			"stream_gaps":       must(list(closed(fields{"from": must(moment), "to": must(moment), "reason": must(text)}), 0, 50)),
			"clock_skew_ms_max": must(count),
		})),
		"policy_set_hash": may(hex32), "audit_head": may(closed(fields{"seq": must(digits), "hash": must(hex32)})), "kid": must(kid),
		"key_events": may(list(keyEvent, 1, 20)),
	})
	keyEvent = both(closed(fields{
		"event": must(oneOf("introduced", "activated", "retired", "compromised")), "role": must(oneOf("receipt", "checkpoint")), "kid": must(kid),
		"x": must(kid), "at": must(moment), "compromised_at": may(moment),
		"signatures": must(list(closed(fields{"kid": must(kid), "sig": must(like(`[A-Za-z0-9_-]{86}`))}), 1, 2)),
	}), func(value any) string {
		event := value.(object)
		if _, told := event["compromised_at"]; told != (event["event"] == "compromised") {
			return "compromised_at is there for a compromised key, and for no other"
		}
		return ""
	})
	receipt = both(closed(fields{
		"schema": must(oneOf("causeway.receipt/1")), "cluster_id": must(cluster), "observed_at": must(moment), "policy": must(list(policy, 0, 20)),
		"flow": may(flow), "observation": must(observation), "receipt_id": must(like(`rcpt_[a-z2-7]{26}`)), "timestamp": must(moment),
		"attestation": must(closed(fields{
			"witness_identity": must(text), "attestation_time": must(moment), "merkle_root": must(hex32), "leaf_index": must(count),
			"tree_size": must(whole(1, mostSafe)), "batch_id": must(text),
		})),
		"signature": must(closed(fields{"alg": must(oneOf("Ed25519")), "kid": must(kid), "sig": must(like(`[A-Za-z0-9_-]{86}`))})),
		"proof": may(closed(fields{
			"batch_path": must(list(pathHash, 0, 64)), "header": must(header),
			"log":        may(closed(fields{"index": must(count), "size": must(whole(1, mostSafe)), "path": must(list(pathHash, 0, 64))})),
			"checkpoint": may(textUpTo(20_000)),
		})),
	}), aboutSomething)
)

// aboutSomething: evidence is about a flow, or it is a finding that names its subject.
func aboutSomething(value any) string {
	observation := value.(object)["observation"].(object)
	finding, _ := observation["finding"].(object)
	_, hasFlow := value.(object)["flow"]
	_, hasSubject := finding["subject"]
	if !hasFlow && (observation["class"] != "finding" || !hasSubject) {
		return "flow: only a finding that names its subject has none"
	}
	return ""
}
