request = function()
  local creditor = string.format("%.0f", first + math.random(0, creditors - 1))
  local headers
  if token then
    headers = { ["Authorization"] = "Bearer " .. string.format(token, creditor) }
  else
    headers = { ["X-Swpt-User-Id"] = "creditors:" .. creditor, ["X-Swpt-Require-Pin"] = "true" }
  end
  return wrk.format("GET", string.format(path, creditor), headers)
end

-- Milliseconds before the next request of a connection. Never the same, so that connections do not march in step.
if pause > 0 then
  delay = function()
    return math.random(0, 2 * pause)
  end
end
