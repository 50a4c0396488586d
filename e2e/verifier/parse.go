package main

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	mostBytes = 1_000_000
	mostDepth = 32
	mostSafe  = 1<<53 - 1
)

// A value is a map[string]any, a []any, a string, a bool, a float64 or nil.
type parser struct {
	text []byte
	at   int
	deep int
	// Something that no canonical form holds: told after the schema, as the order of the steps has it.
	lone bool
	zero bool
}

var errJSON = errors.New("this is not JSON")

// parseStrict reads JSON in which every key is there once, nothing is nested too deeply and every number is an integer that JSON can hold.
func parseStrict(text []byte) (any, *parser, error) {
	if !utf8.Valid(text) {
		return nil, nil, errors.New("text that is not UTF-8")
	}
	if len(utf16.Encode([]rune(string(text)))) > mostBytes || len(text) > mostBytes {
		return nil, nil, errors.New("too large")
	}
	p := &parser{text: text}
	value, err := p.value()
	if err != nil {
		return nil, nil, err
	}
	p.space()
	if p.at != len(text) {
		return nil, nil, errJSON
	}
	return value, p, nil
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) value() (any, error) {
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.list()
	case c == '"':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for word, value := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(string(p.text[p.at:]), word) {
			p.at += len(word)
			return value, nil
		}
	}
	return nil, errJSON
}

func (p *parser) enter() error {
	p.at++
	p.deep++
	if p.deep > mostDepth {
		return fmt.Errorf("nested deeper than %d", mostDepth)
	}
	return nil
}

func (p *parser) object() (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	members := map[string]any{}
	for p.space(); p.peek() != '}'; p.space() {
		if len(members) > 0 {
			if p.peek() != ',' {
				return nil, errJSON
			}
			p.at++
			p.space()
		}
		if p.peek() != '"' {
			return nil, errJSON
		}
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		if _, twice := members[key]; twice {
			return nil, fmt.Errorf("the key %q is there twice", key)
		}
		if p.space(); p.peek() != ':' {
			return nil, errJSON
		}
		p.at++
		if members[key], err = p.value(); err != nil {
			return nil, err
		}
	}
	p.at++
	p.deep--
	return members, nil
}

func (p *parser) list() (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	items := []any{}
	for p.space(); p.peek() != ']'; p.space() {
		if len(items) > 0 {
			if p.peek() != ',' {
				return nil, errJSON
			}
			p.at++
		}
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	p.at++
	p.deep--
	return items, nil
}

func (p *parser) number() (any, error) {
	start := p.at
	digits := func() bool {
		from := p.at
		for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
			p.at++
		}
		return p.at > from
	}
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !digits() {
		return nil, errJSON
	}
	if p.peek() == '.' {
		p.at++
		if !digits() {
			return nil, errJSON
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !digits() {
			return nil, errJSON
		}
	}
	number, _ := strconv.ParseFloat(string(p.text[start:p.at]), 64)
	if number != math.Trunc(number) || math.Abs(number) > mostSafe {
		return nil, errors.New("a number that is no integer within 2^53 - 1")
	}
	if number == 0 && math.Signbit(number) {
		p.zero = true
	}
	return number, nil
}

func (p *parser) str() (string, error) {
	p.at++
	var units []uint16
	for {
		c := p.peek()
		switch {
		case p.at >= len(p.text) || c < 0x20:
			return "", errJSON
		case c == '"':
			p.at++
			text := utf16.Decode(units)
			for i := 0; i < len(units); i++ {
				if high := units[i] >= 0xd800 && units[i] < 0xdc00; high && i+1 < len(units) && units[i+1] >= 0xdc00 && units[i+1] < 0xe000 {
					i++
				} else if units[i] >= 0xd800 && units[i] < 0xe000 {
					p.lone = true
				}
			}
			return string(text), nil
		case c != '\\':
			r, size := utf8.DecodeRune(p.text[p.at:])
			units = utf16.AppendRune(units, r)
			p.at += size
		default:
			p.at += 2
			if p.at > len(p.text) {
				return "", errJSON
			}
			switch e := p.text[p.at-1]; e {
			case '"', '\\', '/':
				units = append(units, uint16(e))
			case 'b', 'f', 'n', 'r', 't':
				units = append(units, uint16("\b\f\n\r\t"[strings.IndexByte("bfnrt", e)]))
			case 'u':
				if p.at+4 > len(p.text) {
					return "", errJSON
				}
				unit, err := strconv.ParseUint(string(p.text[p.at:p.at+4]), 16, 16)
				if err != nil {
					return "", errJSON
				}
				units = append(units, uint16(unit))
				p.at += 4
			default:
				return "", errJSON
			}
		}
	}
}

// canonical writes RFC 8785. Keys are ASCII here, so their order is that of their bytes.
func canonical(value any) []byte {
	var out []byte
	switch v := value.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		out = append(out, '{')
		for i, key := range keys {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(append(out, quoted(key)...), ':'), canonical(v[key])...)
		}
		return append(out, '}')
	case []any:
		out = append(out, '[')
		for i, item := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, canonical(item)...)
		}
		return append(out, ']')
	case string:
		return quoted(v)
	case float64:
		return strconv.AppendInt(nil, int64(v), 10)
	case bool:
		return strconv.AppendBool(nil, v)
	}
	panic("a value that the schema does not let through")
}

func quoted(text string) []byte {
	out := []byte{'"'}
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < 0x20:
			if at := strings.IndexRune("\b\t\n\f\r", r); at >= 0 {
				out = append(out, '\\', "btnfr"[at])
			} else {
				out = append(out, fmt.Sprintf("\\u%04x", r)...)
			}
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"')
}
