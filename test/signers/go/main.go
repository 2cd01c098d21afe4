// Makes a command of docs/callers/go, built beside it: caller METHOD PATH [BODY]
package main

import (
	"context"
	"io"
	"log"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func main() {
	keys := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
	}
	region, url := os.Getenv("AWS_REGION"), os.Getenv("FISKIL_TOKEN_API_URL")+os.Args[2]
	answer, err := callTokenAPI(context.Background(), keys, region, os.Args[1], url, strings.Join(os.Args[3:], ""))
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(os.Stdout, answer.Body)
	if answer.StatusCode != 200 {
		log.Fatal(answer.Status)
	}
}
