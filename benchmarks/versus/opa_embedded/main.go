// Decides actions by a Rego module with OPA embedded as a library, and says how long that took.
//
//	opa_embedded MODULE.rego ACTIONS.json
//
// The module is prepared once. On standard input: `answers` prints the answers to all actions as one JSON array,
// `time N` decides the first N actions and prints the nanoseconds it took, on the wall or of processors, whichever is
// less: a busy machine lengthens the one, the collector in the background the other. Input is given as decoded JSON,
// as a service has it in its hands.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"
)

func main() {
	module, actions := read(os.Args[1]), decoded(read(os.Args[2]))
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.bench.verdict"), rego.Module("bench.rego", string(module))).PrepareForEval(ctx)
	check(err)
	decide := func(action any) any {
		results, err := query.Eval(ctx, rego.EvalInput(action))
		check(err)
		return results[0].Expressions[0].Value
	}
	fmt.Println("ready")
	for commands := bufio.NewScanner(os.Stdin); commands.Scan(); {
		switch words := strings.Fields(commands.Text()); words[0] {
		case "answers":
			answers := make([]any, len(actions))
			for i, action := range actions {
				answers[i] = decide(action)
			}
			check(json.NewEncoder(os.Stdout).Encode(answers))
		case "time":
			count, err := strconv.Atoi(words[1])
			check(err)
			begin, used := time.Now(), processor()
			for _, action := range actions[:count] {
				decide(action)
			}
			fmt.Println(min(time.Since(begin), processor()-used).Nanoseconds())
		}
	}
}

// processor is the processor time that this process has had.
func processor() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func read(name string) []byte {
	text, err := os.ReadFile(name)
	check(err)
	return text
}

func decoded(text []byte) []any {
	var actions []any
	check(json.Unmarshal(text, &actions))
	return actions
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
