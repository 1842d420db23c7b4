-- Asks for targets drawn from a file, one a line: wrk -s targets.lua URL -- FILE SEED
local requests = {}

function init(arguments)
  for target in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", target)
  end
  math.randomseed(tonumber(arguments[2]))
end

function request()
  return requests[math.random(#requests)]
end
