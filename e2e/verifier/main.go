// Command verifier is a second implementation of `causeway verify`, written from the format and not from the first one: two that agree are worth
// more than one. It asks no network.
//
//	verifier -trust trust.json [-quorum n] receipt.json
//	verifier -trust trust.json [-quorum n] -lines < cases.jsonl
//
// With -lines every line of standard input is a JSON string with the text of a receipt, and a line with its exit status is printed for each.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

func main() {
	trustFile := flag.String("trust", "", "trust bundle")
	quorum := flag.Int("quorum", -1, "witnesses that must have seen the head; the bundle's by default")
	lines := flag.Bool("lines", false, "read receipts as JSON strings from standard input, one a line")
	flag.Parse()
	bundle, err := os.ReadFile(*trustFile)
	if err != nil {
		fail(err)
	}
	trust, err := parseTrust(bundle)
	if err != nil {
		fail(err)
	}
	if *quorum >= 0 {
		trust.quorum = *quorum
	}
	if *lines {
		verifyLines(trust)
		return
	}
	if flag.NArg() != 1 {
		fail(fmt.Errorf("name one receipt"))
	}
	text, err := os.ReadFile(flag.Arg(0))
	if err != nil {
		fail(err)
	}
	status, why := verify(text, trust)
	fmt.Println(why)
	os.Exit(status)
}

func verifyLines(trust *trust) {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	for in.Scan() {
		var text string
		if err := json.Unmarshal(in.Bytes(), &text); err != nil {
			fail(err)
		}
		status, why := verify([]byte(text), trust)
		fmt.Fprintf(out, "%d %s\n", status, why)
	}
	if err := in.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "verifier:", err)
	os.Exit(2)
}
