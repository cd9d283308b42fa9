-- wrk: what it measured, as one line of JSON. Answers above 399 are counted in errors.status.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"refused":%d,"lost":%d,"timeouts":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write, errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
