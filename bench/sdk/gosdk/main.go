// The yardstick: Dapr's Go SDK with the in-memory state store and broker of components-contrib,
// served as bench.sock.
package main

import (
	"github.com/dapr-sandbox/components-go-sdk"
	"github.com/dapr-sandbox/components-go-sdk/pubsub/v1"
	"github.com/dapr-sandbox/components-go-sdk/state/v1"
	pubsubinmemory "github.com/dapr/components-contrib/pubsub/in-memory"
	stateinmemory "github.com/dapr/components-contrib/state/in-memory"
	"github.com/dapr/kit/logger"
)

func main() {
	log := logger.NewLogger("bench")
	log.SetOutputLevel(logger.ErrorLevel)
	dapr.Register("bench",
		dapr.WithStateStore(func() state.Store { return stateinmemory.NewInMemoryStateStore(log).(state.Store) }),
		dapr.WithPubSub(func() pubsub.PubSub { return pubsubinmemory.New(log) }))
	dapr.MustRun()
}
