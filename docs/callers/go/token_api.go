package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"net/http"
	"strings"
	"time"
)

// callTokenAPI sends a request signed with these keys.
func callTokenAPI(ctx context.Context, keys aws.Credentials, region, method, url, body string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(body)))
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hash, "execute-api", region, time.Now()); err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(request)
}
