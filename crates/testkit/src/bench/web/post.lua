local number = 0

request = function()
  number = number + 1
  local creditor = string.format("%.0f", first + number % creditors)
  local body = string.format(
    '{"type":"TransferCreationRequest","transferUuid":"%08x-0000-4000-8000-%012x",'
      .. '"recipient":{"type":"AccountIdentity","uri":"swpt:1/recipient"},'
      .. '"amount":1000,"note":"A payment for the benchmark"}',
    series, number
  )
  return wrk.format("POST", "/creditors/" .. creditor .. "/transfers/", {
    ["X-Swpt-User-Id"] = "creditors:" .. creditor,
    ["X-Swpt-Require-Pin"] = "true",
    ["Content-Type"] = "application/json",
  }, body)
end
