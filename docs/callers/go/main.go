// go run . METHOD PATH [BODY] sends one request to the token API.
package main

import (
	"context"
	"github.com/aws/aws-sdk-go-v2/config"
	"io"
	"log"
	"os"
	"strings"
)

func main() {
	ctx := context.Background()
	cfg := must(config.LoadDefaultConfig(ctx))
	url, body := os.Getenv("FISKIL_TOKEN_API_URL")+os.Args[2], strings.Join(os.Args[3:], "")
	answer := must(callTokenAPI(ctx, must(cfg.Credentials.Retrieve(ctx)), cfg.Region, os.Args[1], url, body))
	must(io.Copy(os.Stdout, answer.Body))
	if answer.StatusCode != 200 {
		log.Fatal(answer.Status)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
