// Command drops is a crowd of clients that talk in rooms, lose their connections and come back, for `bun run bench drops`. It gets
// its plan as JSON in its one argument, and its steps as lines of the standard input: enter, talk, hush, settle, audit, leave,
// tally. It answers each with a line of JSON when it has taken it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
)

func main() {
	var given plan
	if len(os.Args) != 2 || json.Unmarshal([]byte(os.Args[1]), &given) != nil {
		log.Fatal("usage: drops <plan as JSON>")
	}
	c := newCrowd(given)
	steps := map[string]func() error{
		"enter": c.enter, "talk": c.talk, "hush": c.hush, "settle": c.settle, "audit": c.audit, "leave": c.leave,
		"tally": func() error { return nil },
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		step, known := steps[lines.Text()]
		if !known {
			log.Fatalf("there is no step %q", lines.Text())
		}
		if err := step(); err != nil {
			log.Fatalf("cannot %s: %v", lines.Text(), err)
		}
		answer, err := json.Marshal(c.tally())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(answer))
	}
}
