// Package lines is how the oracles are spoken to:
//
//	ORACLE COMMAND < requests > answers
//
// Every line of standard input is one JSON request, every line of standard output its JSON answer, in the same order.
// A request that makes the command panic is answered with {"panic": "..."}: the other requests still count.
package lines

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
)

// Commands are the functions of a program that answer requests, by name.
type Commands map[string]func(json.RawMessage) any

// Main runs the command that the arguments name on standard input, and ends the program.
func Main(commands Commands) {
	if err := commands.run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (c Commands) run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 || c[args[0]] == nil {
		return fmt.Errorf("expected one command of %v, got %q", slices.Sorted(maps.Keys(c)), args)
	}
	requests, err := readLines(in)
	if err != nil {
		return err
	}
	return writeLines(out, answerAll(c[args[0]], requests))
}

func readLines(in io.Reader) ([][]byte, error) {
	var lines [][]byte
	reader := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			lines = append(lines, line)
		}
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// answerAll spreads the requests over the processors; the answers keep the order of the requests.
func answerAll(command func(json.RawMessage) any, requests [][]byte) []any {
	answers := make([]any, len(requests))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				answers[i] = answer(command, requests[i])
			}
		})
	}
	for i := range requests {
		next <- i
	}
	close(next)
	workers.Wait()
	return answers
}

func answer(command func(json.RawMessage) any, request []byte) (result any) {
	defer func() {
		if cause := recover(); cause != nil {
			result = map[string]string{"panic": fmt.Sprint(cause)}
		}
	}()
	return command(request)
}

func writeLines(out io.Writer, answers []any) error {
	writer := bufio.NewWriterSize(out, 1<<20)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for _, answer := range answers {
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
	return writer.Flush()
}
