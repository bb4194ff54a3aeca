// Command compose-go says how Compose itself reads files: a judge for the reader in
// provider/core/compose. It takes one request a line on its standard input, as JSON, and answers each
// with one line: {"project": ...} as compose-go normalises it, or {"error": "..."}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

type request struct {
	Files    []string          `json:"files"`
	Env      map[string]string `json:"env"`
	Profiles []string          `json:"profiles"`
	DotEnv   bool              `json:"dotEnv"`
}

type answer struct {
	Project any    `json:"project,omitempty"`
	Error   string `json:"error,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		if err := out.Encode(judge(in.Bytes())); err != nil {
			panic(err)
		}
	}
}

func judge(line []byte) (said answer) {
	// It ends in a panic over some files that are wrong.
	defer func() {
		if why := recover(); why != nil {
			said = answer{Error: fmt.Sprint(why)}
		}
	}()
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	env := make([]string, 0, len(asked.Env))
	for name, value := range asked.Env {
		env = append(env, name+"="+value)
	}
	settings := []cli.ProjectOptionsFn{
		cli.WithEnv(env),
		cli.WithProfiles(asked.Profiles),
		cli.WithName("judged"),
	}
	if asked.DotEnv {
		settings = append(settings, cli.WithEnvFiles(), cli.WithDotEnv)
	}
	options, err := cli.NewProjectOptions(asked.Files, settings...)
	if err != nil {
		return answer{Error: err.Error()}
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Project: project}
}
